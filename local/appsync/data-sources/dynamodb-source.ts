/** A DynamoDB table as a data source: the request of a resolver becomes a call at the door, made with the source's role. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { AwsError, type Door, type Shape } from "../../door.ts";
import type { DataSource } from "../apis.ts";
import { FieldError } from "../graphql-error.ts";

type Table = Extract<DataSource, { kind: "AMAZON_DYNAMODB" }>;

interface Expression {
  readonly expression: string;
  readonly expressionNames?: Record<string, string>;
  readonly expressionValues?: Shape;
}

interface Request {
  readonly operation: string;
  readonly key?: Shape;
  readonly attributeValues?: Shape;
  readonly update?: Expression;
  readonly condition?: Expression;
  readonly query?: Expression;
  readonly filter?: Expression | null;
  readonly projection?: Expression;
  readonly index?: string;
  readonly limit?: number;
  readonly nextToken?: string | null;
  readonly consistentRead?: boolean;
  readonly scanIndexForward?: boolean;
}

/** What comes back to the resolver: a result, an error, or both (the record as it stands, if a condition failed). */
export interface SourceReply {
  readonly result: unknown;
  readonly error?: FieldError;
}

type Call = (operation: string, input: Shape) => Promise<Shape>;

export async function callTable(door: Door, table: Table, given: unknown): Promise<SourceReply> {
  const request = given as Request;
  const caller = { kind: "role", arn: table.roleArn } as const;
  const call: Call = (operation, input) =>
    door.call({
      service: "dynamodb",
      operation,
      caller,
      input: { TableName: table.table, ...input },
    });
  const run = OPERATIONS[request.operation];
  if (!run)
    throw new FieldError(
      `operation ${request.operation} is not part of the local runtime`,
      "MappingTemplate",
    );
  try {
    return { result: await run(call, request) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { result: await currentItem(call, request, error), error: fieldError(error) };
  }
}

const fieldError = ({ code, message, status }: AwsError): FieldError =>
  new FieldError(`${message} (Service: DynamoDb, Status Code: ${status})`, `DynamoDB:${code}`);

/** A write that its condition refused comes back with the record that refused it. */
async function currentItem(call: Call, { key }: Request, { code }: AwsError): Promise<unknown> {
  if (code !== "ConditionalCheckFailedException") return null;
  return itemOf((await call("GetItem", { Key: key, ConsistentRead: true }))["Item"]);
}

const OPERATIONS: Readonly<Record<string, (call: Call, request: Request) => Promise<unknown>>> = {
  async GetItem(call, { key, consistentRead, projection }) {
    const reply = await call("GetItem", {
      Key: key,
      ...(consistentRead && { ConsistentRead: true }),
      ...(projection && {
        ProjectionExpression: projection.expression,
        ...namesAndValues(projection),
      }),
    });
    return itemOf(reply["Item"]);
  },
  async PutItem(call, { key, attributeValues, condition }) {
    const Item = { ...attributeValues, ...key };
    await call("PutItem", { Item, ...conditionOf(condition) });
    return itemOf(Item);
  },
  async UpdateItem(call, { key, update, condition }) {
    const parts = [update, condition];
    const reply = await call("UpdateItem", {
      Key: key,
      UpdateExpression: update?.expression,
      ...(condition && { ConditionExpression: condition.expression }),
      ...namesAndValues(...parts),
      ReturnValues: "ALL_NEW",
    });
    return itemOf(reply["Attributes"]);
  },
  async DeleteItem(call, { key, condition }) {
    const reply = await call("DeleteItem", { Key: key, ...conditionOf(condition), ReturnValues: "ALL_OLD" });
    return itemOf(reply["Attributes"]);
  },
  async Query(call, request) {
    const { query, scanIndexForward } = request;
    const reply = await call("Query", {
      KeyConditionExpression: query?.expression,
      ...(scanIndexForward === undefined ? {} : { ScanIndexForward: scanIndexForward }),
      ...pageOf(request),
      ...namesAndValues(query, request.filter),
    });
    return itemsOf(reply);
  },
  async Scan(call, request) {
    return itemsOf(await call("Scan", { ...pageOf(request), ...namesAndValues(request.filter) }));
  },
};

function pageOf({ index, limit, nextToken, filter, consistentRead }: Request): Shape {
  return {
    ...(index !== undefined && { IndexName: index }),
    ...(limit !== undefined && { Limit: limit }),
    ...(consistentRead && { ConsistentRead: true }),
    ...(filter && { FilterExpression: filter.expression }),
    ...(nextToken && { ExclusiveStartKey: keyIn(nextToken) }),
  };
}

function conditionOf(condition: Expression | undefined): Shape {
  return condition ? { ConditionExpression: condition.expression, ...namesAndValues(condition) } : {};
}

function namesAndValues(...parts: (Expression | null | undefined)[]): Shape {
  const names = Object.assign({}, ...parts.map((part) => part?.expressionNames)) as Shape;
  const values = Object.assign({}, ...parts.map((part) => part?.expressionValues)) as Shape;
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

function itemsOf({ Items, LastEvaluatedKey, ScannedCount }: Shape): Shape {
  const items = ((Items ?? []) as unknown[]).map(itemOf);
  const nextToken = LastEvaluatedKey ? tokenOf(LastEvaluatedKey) : null;
  return { items, nextToken, scannedCount: ScannedCount };
}

function itemOf(item: unknown): Shape | null {
  return item ? unmarshall(item as Record<string, AttributeValue>) : null;
}

const tokenOf = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString("base64url");

function keyIn(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as unknown;
  } catch {
    throw new AwsError("InvalidPaginationTokenException", "Invalid pagination token given.");
  }
}
