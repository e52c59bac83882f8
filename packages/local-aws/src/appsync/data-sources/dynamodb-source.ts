/** A DynamoDB table as a data source: the request of a resolver becomes a call at local AWS, made with the source's role. */
import { AwsError, type LocalAws, type Shape } from "../../local-aws.ts";
import type { DataSource } from "../apis.ts";
import { FieldError } from "../graphql-error.ts";
import { batchGet, type BatchOfKeys } from "./batch-get.ts";
import { cancelled, type TransactItem, transactWrite } from "./transact-write.ts";
import { conditionOf, type Expression, itemOf, namesAndValues } from "./wire-shapes.ts";

type Table = Extract<DataSource, { kind: "AMAZON_DYNAMODB" }>;

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
  readonly transactItems?: readonly TransactItem[];
  readonly tables?: Readonly<Record<string, BatchOfKeys>>;
}

/** What comes back to the resolver: a result, an error, or both (the record as it stands, if a condition failed). */
export interface SourceReply {
  readonly result: unknown;
  readonly error?: FieldError;
}

/** A transaction names the table of each of its parts, a batch those of its keys; the others are about the table of the data source. */
type Call = (operation: string, input: Shape) => Promise<Shape>;

export async function callTable(localAws: LocalAws, table: Table, given: unknown): Promise<SourceReply> {
  const request = given as Request;
  const caller = { kind: "role", arn: table.roleArn } as const;
  const call: Call = (operation, input) =>
    localAws.call({
      service: "dynamodb",
      operation,
      caller,
      input: /^(Transact|Batch)/.test(operation) ? input : { TableName: table.table, ...input },
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

/** A write that its condition refused comes back with the record that refused it, a transaction with the reasons. */
async function currentItem(call: Call, { key, operation }: Request, error: AwsError): Promise<unknown> {
  if (operation === "TransactWriteItems") return cancelled(error);
  if (error.code !== "ConditionalCheckFailedException") return null;
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
  async BatchGetItem(call, { tables = {} }) {
    return batchGet(call, tables);
  },
  async TransactWriteItems(call, { transactItems = [] }) {
    return transactWrite(call, transactItems);
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

function itemsOf({ Items, LastEvaluatedKey, ScannedCount }: Shape): Shape {
  const items = ((Items ?? []) as unknown[]).map(itemOf);
  const nextToken = LastEvaluatedKey ? tokenOf(LastEvaluatedKey) : null;
  return { items, nextToken, scannedCount: ScannedCount };
}

const tokenOf = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString("base64url");

function keyIn(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as unknown;
  } catch {
    throw new AwsError("InvalidPaginationTokenException", "Invalid pagination token given.");
  }
}
