import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  IdempotentParameterMismatchException,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  TagResourceCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDynamodb, type Dynamodb } from "../../src/dynamodb/dynamodb.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<Dynamodb>;
let dynamodb: DynamoDBClient;

const newTable = (TableName = "orders") =>
  dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
const key = (sk: number, pk = "alice") => ({ pk: { S: pk }, sk: { N: String(sk) } });
const put = (sk: number, more: Record<string, { S: string } | { N: string }> = {}) =>
  dynamodb.send(new PutItemCommand({ TableName: "orders", Item: { ...key(sk), ...more } }));
const get = async (sk: number) =>
  (await dynamodb.send(new GetItemCommand({ TableName: "orders", Key: key(sk), ConsistentRead: true }))).Item;

beforeEach(async () => {
  aws = await openStockAws((localAws) => createDynamodb(localAws));
  dynamodb = new DynamoDBClient(aws.settings);
  await newTable();
});
afterEach(async () => {
  dynamodb.destroy();
  aws.part.close();
  await aws.close();
});

test("a table is described with its keys, its time as a date, and is listed page by page", async () => {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: "orders" }));
  expect(Table).toMatchObject({
    TableStatus: "ACTIVE",
    TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    CreationDateTime: new Date(aws.clock.now()),
  });
  await newTable("stages");
  const first = await dynamodb.send(new ListTablesCommand({ Limit: 1 }));
  expect(first).toMatchObject({ TableNames: ["orders"], LastEvaluatedTableName: "orders" });
  const next = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName: "orders" }));
  expect(next.TableNames).toEqual(["stages"]);
});

test("a table that exists cannot be made again, and one that is deleted is gone", async () => {
  await expect(newTable()).rejects.toThrow(ResourceInUseException);
  await dynamodb.send(new DeleteTableCommand({ TableName: "orders" }));
  await aws.clock.advance(1_000);
  await expect(dynamodb.send(new DescribeTableCommand({ TableName: "orders" }))).rejects.toThrow(
    ResourceNotFoundException,
  );
});

test("a table can be given another billing mode", async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  await dynamodb.send(
    new UpdateTableCommand({ TableName: "orders", BillingMode: "PROVISIONED", ProvisionedThroughput }),
  );
  await aws.clock.advance(1_000);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: "orders" }));
  expect(Table).toMatchObject({ TableStatus: "ACTIVE", ProvisionedThroughput });
});

test("every type of value comes back as it was written", async () => {
  const Item = {
    ...key(1),
    text: { S: "order ☎" },
    number: { N: "3.14" },
    bytes: { B: new Uint8Array([0, 255, 7]) },
    flag: { BOOL: true },
    nothing: { NULL: true as const },
    list: { L: [{ N: "1" }, { S: "two" }] },
    map: { M: { inner: { S: "x" } } },
    texts: { SS: ["a", "b"] },
    numbers: { NS: ["1", "2"] },
    byteSets: { BS: [new Uint8Array([1])] },
  };
  await dynamodb.send(new PutItemCommand({ TableName: "orders", Item }));
  expect(await get(1)).toEqual(Item);
  expect(await get(2)).toBeUndefined();
});

test("a condition that fails says so, with the item if that is asked for", async () => {
  await put(1, { status: { S: "packing" } });
  const failing = new UpdateItemCommand({
    TableName: "orders",
    Key: key(1),
    UpdateExpression: "SET #s = :answered",
    ConditionExpression: "#s = :answered",
    ExpressionAttributeNames: { "#s": "status" },
    ExpressionAttributeValues: { ":answered": { S: "answered" } },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  const error: unknown = await dynamodb.send(failing).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConditionalCheckFailedException);
  expect(error).toMatchObject({
    message: "The conditional request failed",
    Item: { ...key(1), status: { S: "packing" } },
    $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test("an update and a deletion return what was asked for", async () => {
  await put(1, { version: { N: "1" } });
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName: "orders",
      Key: key(1),
      UpdateExpression: "ADD version :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  expect(Attributes).toEqual({ version: { N: "2" } });
  const deleted = await dynamodb.send(
    new DeleteItemCommand({ TableName: "orders", Key: key(1), ReturnValues: "ALL_OLD" }),
  );
  expect(deleted.Attributes).toEqual({ ...key(1), version: { N: "2" } });
});

test("a query and a scan come in pages", async () => {
  for (const sk of [1, 2, 3]) await put(sk);
  const query = {
    TableName: "orders",
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: "alice" } },
  };
  const pages: number[] = [];
  for await (const { Count } of paginateQuery({ client: dynamodb, pageSize: 2 }, { ...query }))
    pages.push(Count ?? 0);
  expect(pages).toEqual([2, 1]);
  const backwards = await dynamodb.send(new QueryCommand({ ...query, ScanIndexForward: false, Limit: 1 }));
  expect(backwards).toMatchObject({ Items: [key(3)], LastEvaluatedKey: key(3) });
  const scanned = await dynamodb.send(new ScanCommand({ TableName: "orders", Limit: 2 }));
  const rest = await dynamodb.send(
    new ScanCommand({ TableName: "orders", ExclusiveStartKey: scanned.LastEvaluatedKey }),
  );
  expect([scanned.Count, rest.Count, rest.LastEvaluatedKey]).toEqual([2, 1, undefined]);
});

test("items are written and read in batches", async () => {
  const orders = [1, 2].map((sk) => ({ PutRequest: { Item: key(sk) } }));
  const written = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { orders } }));
  expect(written.UnprocessedItems).toEqual({});
  const read = await dynamodb.send(
    new BatchGetItemCommand({ RequestItems: { orders: { Keys: [key(1), key(2), key(9)] } } }),
  );
  expect(read.Responses?.["orders"]).toHaveLength(2);
});

test("a transaction writes all parts or none, and gives a reason for each part", async () => {
  const both = [1, 2].map((sk) => ({ Put: { TableName: "orders", Item: key(sk) } }));
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: both }));
  const Get = (sk: number) => ({ Get: { TableName: "orders", Key: key(sk) } });
  const { Responses } = await dynamodb.send(
    new TransactGetItemsCommand({ TransactItems: [Get(1), Get(2), Get(3)] }),
  );
  expect(Responses).toEqual([{ Item: key(1) }, { Item: key(2) }, {}]);

  const refused = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName: "orders", Item: key(3) } },
      {
        Put: {
          TableName: "orders",
          Item: key(1),
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
    ],
  });
  const error: unknown = await dynamodb.send(refused).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TransactionCanceledException);
  expect((error as TransactionCanceledException).CancellationReasons).toEqual([
    { Code: "None" },
    { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: key(1) },
  ]);
  expect(await get(3)).toBeUndefined();
});

test("a transaction's token may not come again with other parts", async () => {
  const write = (sk: number) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        ClientRequestToken: "once",
        TransactItems: [{ Put: { TableName: "orders", Item: key(sk) } }],
      }),
    );
  await write(1);
  await write(1);
  await expect(write(2)).rejects.toThrow(IdempotentParameterMismatchException);
});

test("time to live is turned on and described", async () => {
  const TimeToLiveSpecification = { AttributeName: "expires", Enabled: true };
  const updated = await dynamodb.send(
    new UpdateTimeToLiveCommand({ TableName: "orders", TimeToLiveSpecification }),
  );
  expect(updated.TimeToLiveSpecification).toEqual(TimeToLiveSpecification);
  const { TimeToLiveDescription } = await dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName: "orders" }),
  );
  expect(TimeToLiveDescription).toEqual({ AttributeName: "expires", TimeToLiveStatus: "ENABLED" });
});

test("a table carries tags", async () => {
  const ResourceArn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
  const tags = async () =>
    (await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags?.map(({ Key }) => Key);
  const Tags = [
    { Key: "app", Value: "orders" },
    { Key: "stage", Value: "test" },
  ];
  await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags }));
  expect(await tags()).toEqual(["app", "stage"]);
  await dynamodb.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["app"] }));
  expect(await tags()).toEqual(["stage"]);
});

test("a request that is not valid is a ValidationException with DynamoDB's words", async () => {
  const wrong = new PutItemCommand({ TableName: "orders", Item: { pk: { S: "alice" } } });
  await expect(dynamodb.send(wrong)).rejects.toMatchObject({
    name: "ValidationException",
    message: "One or more parameter values were invalid: Missing the key sk in the item",
  });
});

test("a stock client has used every operation of DynamoDB", () => expect(aws.untried()).toEqual([]));
