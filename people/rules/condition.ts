/** Conditions of writes, and the caller's error when one fails. */
import { type Context, util } from "@aws-appsync/utils";
import { isOperator, subOf } from "./caller.ts";
import { withLowerClientIds } from "./ids.ts";

type Expression = {
  readonly expression: string;
  readonly expressionNames?: Record<string, string>;
  readonly expressionValues?: Record<string, unknown>;
};

/** All of these must hold. Empty ones are left out: the caller's own condition is optional. */
export function allOf(conditions: unknown[]): Expression {
  const said = conditions.filter((condition) => condition && Object.keys(condition).length > 0);
  const and = said.map((condition) => withLowerClientIds(condition));
  // The transformation returns the text of an expression.
  const made = JSON.parse(util.transform.toDynamoDBConditionExpression({ and })) as Expression;
  return withoutEmptyParts(made);
}

export function filterOf(filter: Record<string, unknown>): Expression {
  const made = JSON.parse(
    util.transform.toDynamoDBFilterExpression(withLowerClientIds(filter)),
  ) as Expression;
  return withoutEmptyParts(made);
}

/** DynamoDB refuses an empty map of values, and a condition on existence has no values. */
function withoutEmptyParts({ expression, expressionNames, expressionValues }: Expression): Expression {
  if (expressionValues && Object.keys(expressionValues).length > 0) {
    return { expression, expressionNames, expressionValues };
  }
  return { expression, expressionNames };
}

/**
 * Ends the request if the data source refused it. A condition that failed on another person's record is an authorization
 * error; AppSync passes the record as it stands beside the error.
 */
export function refuseFailure(ctx: Context): void {
  const { error, result } = ctx;
  if (!error) return;
  const isConditional = error.type === "DynamoDB:ConditionalCheckFailedException";
  if (isConditional && result?.owner && result.owner !== subOf(ctx) && !isOperator(ctx)) util.unauthorized();
  util.error(error.message, error.type);
}
