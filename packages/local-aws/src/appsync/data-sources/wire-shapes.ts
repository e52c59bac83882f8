/** Between the requests of resolvers and what DynamoDB takes and gives. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Shape } from "../../local-aws.ts";

export interface Expression {
  readonly expression: string;
  readonly expressionNames?: Record<string, string>;
  readonly expressionValues?: Shape;
}

export function conditionOf(condition: Expression | undefined): Shape {
  return condition ? { ConditionExpression: condition.expression, ...namesAndValues(condition) } : {};
}

export function namesAndValues(...parts: (Expression | null | undefined)[]): Shape {
  const names = Object.assign({}, ...parts.map((part) => part?.expressionNames)) as Shape;
  const values = Object.assign({}, ...parts.map((part) => part?.expressionValues)) as Shape;
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

export function itemOf(item: unknown): Shape | null {
  return item ? unmarshall(item as Record<string, AttributeValue>) : null;
}
