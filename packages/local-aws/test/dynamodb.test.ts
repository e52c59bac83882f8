/** Local DynamoDB: what is added to dynalite, and that what dynalite does reaches local AWS. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { AwsError, type Caller, type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";
import { createDynamodb } from "../src/dynamodb/dynamodb.ts";

let clock: Clock;
let localAws: LocalAws;
let asked: string[];
let close: () => void;

beforeEach(async () => {
  clock = virtualClock();
  asked = [];
  const authorizer = {
    check: (_role: string, { action, resource }: { action: string; resource: string }) =>
      void asked.push(`${action} ${resource}`),
  };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
  const dynamodb = createDynamodb(localAws, { endpoint: process.env["DYNAMODB_ENDPOINT"] });
  close = () => dynamodb.close();
  localAws.register(dynamodb.service);
  await dynamodb.resources["AWS::DynamoDB::GlobalTable"]?.create({
    logicalId: "Calls",
    properties: {
      TableName: "orders",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "openShard", AttributeType: "S" },
      ],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-shard",
          KeySchema: [{ AttributeName: "openShard", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      TimeToLiveSpecification: { AttributeName: "expiresAtSeconds", Enabled: true },
      Replicas: [{ Region: "us-east-1" }],
    },
    physicalName: () => "orders",
    assetPath: () => "",
  });
});

afterEach(() => {
  close();
  clock.dispose();
});

const call = (operation: string, input: Shape, caller: Caller = PERSON): Promise<Shape> =>
  localAws.call({ service: "dynamodb", operation, input, caller });
const put = (pk: string, more: Shape = {}): Promise<Shape> =>
  call("PutItem", { TableName: "orders", Item: { pk: { S: pk }, ...more } });
const get = async (pk: string): Promise<unknown> =>
  (await call("GetItem", { TableName: "orders", Key: { pk: { S: pk } }, ConsistentRead: true }))["Item"];
const failure = async (work: Promise<unknown>): Promise<AwsError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AwsError);
  return error as AwsError;
};

test("a transaction whose condition fails writes nothing and says which part failed, with the item", async () => {
  await put("taken", { status: { S: "answered" } });
  const error = await failure(
    call("TransactWriteItems", {
      TransactItems: [
        { Put: { TableName: "orders", Item: { pk: { S: "new" } } } },
        {
          Put: {
            TableName: "orders",
            Item: { pk: { S: "taken" } },
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ],
    }),
  );
  expect(error.code).toBe("TransactionCanceledException");
  expect(error.message).toBe(
    "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
  );
  expect(error.fields["CancellationReasons"]).toEqual([
    { Code: "None" },
    {
      Code: "ConditionalCheckFailed",
      Message: "The conditional request failed",
      Item: { pk: { S: "taken" }, status: { S: "answered" } },
    },
  ]);
  expect(await get("new")).toBeUndefined();
});

// Another DynamoDB may refuse the whole request instead.
test.skipIf(process.env["DYNAMODB_ENDPOINT"])(
  "an update that does not fit its item takes the earlier parts of its transaction back",
  async () => {
    await put("a", { n: { N: "1" } });
    await put("b", { n: { S: "not a number" } });
    const add = { UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": { N: "1" } } };
    const error = await failure(
      call("TransactWriteItems", {
        TransactItems: [
          { Update: { TableName: "orders", Key: { pk: { S: "a" } }, ...add } },
          { Put: { TableName: "orders", Item: { pk: { S: "c" } } } },
          { Update: { TableName: "orders", Key: { pk: { S: "b" } }, ...add } },
        ],
      }),
    );
    expect(error.message).toContain("[None, None, ValidationError]");
    expect(await get("a")).toEqual({ pk: { S: "a" }, n: { N: "1" } });
    expect(await get("c")).toBeUndefined();
  },
);

test("all four kinds of parts work in one transaction, checked each by its own action", async () => {
  await put("updated");
  await put("deleted");
  await put("checked");
  const key = (pk: string): Shape => ({ TableName: "orders", Key: { pk: { S: pk } } });
  const TransactItems = [
    { Put: { TableName: "orders", Item: { pk: { S: "put" } } } },
    {
      Update: {
        ...key("updated"),
        UpdateExpression: "SET v = :v",
        ExpressionAttributeValues: { ":v": { N: "2" } },
      },
    },
    { Delete: key("deleted") },
    { ConditionCheck: { ...key("checked"), ConditionExpression: "attribute_exists(pk)" } },
  ];
  await call(
    "TransactWriteItems",
    { TransactItems },
    { kind: "role", arn: "arn:aws:iam::000000000000:role/r" },
  );
  expect(await get("put")).toEqual({ pk: { S: "put" } });
  expect(await get("updated")).toEqual({ pk: { S: "updated" }, v: { N: "2" } });
  expect(await get("deleted")).toBeUndefined();
  const table = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
  expect(asked).toEqual([
    `dynamodb:PutItem ${table}`,
    `dynamodb:UpdateItem ${table}`,
    `dynamodb:DeleteItem ${table}`,
    `dynamodb:ConditionCheckItem ${table}`,
  ]);
  const both = await call("TransactGetItems", {
    TransactItems: [{ Get: key("put") }, { Get: key("deleted") }],
  });
  expect(both["Responses"]).toEqual([{ Item: { pk: { S: "put" } } }, {}]);
});

// An endpoint keeps its own time and its own tokens.
test.skipIf(process.env["DYNAMODB_ENDPOINT"])(
  "the same token repeats a transaction for ten minutes without doing it again",
  async () => {
    const once = (pk: string): Promise<Shape> =>
      call("TransactWriteItems", {
        ClientRequestToken: "token",
        TransactItems: [
          {
            Put: {
              TableName: "orders",
              Item: { pk: { S: pk } },
              ConditionExpression: "attribute_not_exists(pk)",
            },
          },
        ],
      });
    await once("a");
    await once("a");
    expect((await failure(once("b"))).code).toBe("IdempotentParameterMismatchException");
    await clock.advance(10 * 60_000);
    expect((await failure(once("a"))).code).toBe("TransactionCanceledException");
  },
);

test("a transaction may not name one item twice, nor more than 100 items", async () => {
  const part = { Delete: { TableName: "orders", Key: { pk: { S: "a" } } } };
  const twice = await failure(call("TransactWriteItems", { TransactItems: [part, part] }));
  expect(twice.message).toBe("Transaction request cannot include multiple operations on one item");
  const many = await failure(call("TransactWriteItems", { TransactItems: Array(101).fill(part) }));
  expect(many.code).toBe("ValidationException");
});

test("of many transactions that want the same two items at once, one gets both", async () => {
  const take = (by: number, first: string, second: string): Promise<Shape> => {
    const part = (pk: string): Shape => ({
      Put: {
        TableName: "orders",
        Item: { pk: { S: pk }, by: { N: String(by) } },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    });
    return call("TransactWriteItems", { TransactItems: [part(first), part(second)] });
  };
  const attempts = Array.from({ length: 10 }, (_, by) => (by % 2 ? take(by, "x", "y") : take(by, "y", "x")));
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const winner = { N: String(outcomes.findIndex(({ status }) => status === "fulfilled")) };
  expect(await get("x")).toEqual({ pk: { S: "x" }, by: winner });
  expect(await get("y")).toEqual({ pk: { S: "y" }, by: winner });
});

test("a failed condition of a single write returns the item if asked, and only then", async () => {
  await put("a", { v: { N: "1" } });
  const write = {
    TableName: "orders",
    Key: { pk: { S: "a" } },
    ConditionExpression: "attribute_not_exists(pk)",
  };
  const plain = await failure(call("DeleteItem", write));
  expect(plain.fields["Item"]).toBeUndefined();
  const asking = { ...write, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
  const error = await failure(call("DeleteItem", asking));
  expect(error.code).toBe("ConditionalCheckFailedException");
  expect(error.fields["Item"]).toEqual({ pk: { S: "a" }, v: { N: "1" } });
});

test("an expired item stays readable until a deletion pass takes it", async () => {
  const nowSeconds = Math.floor(clock.now() / 1000);
  await put("old", { expiresAtSeconds: { N: String(nowSeconds + 60) } });
  await put("young", { expiresAtSeconds: { N: String(nowSeconds + 90_000) } });
  await clock.advance(120_000);
  expect(await get("old")).toBeDefined();
  await clock.advance(3_600_000);
  expect(await get("old")).toBeUndefined();
  expect(await get("young")).toBeDefined();
  const described = await call("DescribeTimeToLive", { TableName: "orders" });
  expect(described["TimeToLiveDescription"]).toEqual({
    TimeToLiveStatus: "ENABLED",
    AttributeName: "expiresAtSeconds",
  });
});

test.skipIf(process.env["DYNAMODB_ENDPOINT"])(
  "units count size, transactions and changed index entries",
  async () => {
    const spent = async (work: Promise<unknown>): Promise<number> => {
      const before = localAws.units["dynamodb:write-unit"] ?? 0;
      await work.catch(() => undefined);
      return (localAws.units["dynamodb:write-unit"] ?? 0) - before;
    };
    expect(await spent(put("small"))).toBe(1);
    expect(await spent(put("big", { text: { S: "x".repeat(2000) } }))).toBe(2);
    expect(await spent(put("open", { openShard: { S: "1" } }))).toBe(2);
    expect(await spent(put("open", { openShard: { S: "1" }, v: { N: "1" } }))).toBe(1);
    expect(await spent(put("open", { openShard: { S: "2" } }))).toBe(3);
    const part = { Put: { TableName: "orders", Item: { pk: { S: "t" } } } };
    expect(await spent(call("TransactWriteItems", { TransactItems: [part] }))).toBe(2);
    await get("missing");
    expect(localAws.units["dynamodb:read-unit"]).toBe(1);
  },
);

test("an index is asked for by its own ARN, and a table may be named by ARN", async () => {
  await put("a", { openShard: { S: "1" } });
  const reply = await call(
    "Query",
    {
      TableName: "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
      IndexName: "by-shard",
      KeyConditionExpression: "openShard = :s",
      ExpressionAttributeValues: { ":s": { S: "1" } },
    },
    { kind: "role", arn: "arn:aws:iam::000000000000:role/r" },
  );
  expect(reply["Items"]).toEqual([{ pk: { S: "a" }, openShard: { S: "1" } }]);
  expect(reply["ConsumedCapacity"]).toBeUndefined();
  expect(asked).toEqual([
    "dynamodb:Query arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/by-shard",
  ]);
});

test("a missing table is an error as AWS words it", async () => {
  const error = await failure(call("GetItem", { TableName: "nope", Key: { pk: { S: "a" } } }));
  expect([error.code, error.message]).toEqual(["ResourceNotFoundException", "Requested resource not found"]);
});

test("an expression that comes again is judged by the names and values of its own request", async () => {
  const update = (more: Shape, set = "SET color = :color") =>
    call("UpdateItem", {
      TableName: "orders",
      Key: { pk: { S: "one" } },
      UpdateExpression: set,
      ConditionExpression: "#shade = :old",
      ExpressionAttributeNames: { "#shade": "shade" },
      ...more,
    });
  const values = (color: string, old: string) => ({ ":color": { S: color }, ":old": { S: old } });
  await put("one", { shade: { S: "dark" } });
  await update({ ExpressionAttributeValues: values("red", "dark") });
  await update({ ExpressionAttributeValues: values("blue", "dark") });
  expect(await get("one")).toMatchObject({ color: { S: "blue" } });
  const refused = await failure(update({ ExpressionAttributeValues: values("green", "light") }));
  expect(refused.code).toBe("ConditionalCheckFailedException");
  const unused = await failure(
    update({ ExpressionAttributeValues: values("green", "dark") }, "SET n = :old"),
  );
  expect(unused.message).toContain("unused in expressions: keys: {:color}");
  await update({
    ExpressionAttributeNames: { "#shade": "color" },
    ExpressionAttributeValues: values("red", "blue"),
  });
  expect(await get("one")).toMatchObject({ color: { S: "red" } });
});

test.each(["FilterExpression", "ProjectionExpression", "KeyConditionExpression"])(
  "a %s above 4 KB is refused as DynamoDB refuses it",
  async (name) => {
    const text = `#a = :a${" OR #a = :a".repeat(372)}`;
    const input = {
      TableName: "orders",
      ExpressionAttributeNames: { "#a": "a" },
      ExpressionAttributeValues: { ":a": { S: "a" } },
    };
    const { code, message } = await failure(call("Query", { ...input, [name]: text.padEnd(4_097) }));
    expect(code).toBe("ValidationException");
    expect(message).toBe(
      `Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: 4099`,
    );
  },
);

test("a condition, an update and a part of a transaction may not be larger either", async () => {
  const Key = { pk: { S: "a" } };
  const large = "x".repeat(4_097);
  const [update, part] = await Promise.all([
    failure(call("UpdateItem", { TableName: "orders", Key, UpdateExpression: large })),
    failure(
      call("TransactWriteItems", {
        TransactItems: [{ Delete: { TableName: "orders", Key, ConditionExpression: large } }],
      }),
    ),
  ]);
  expect(update.message).toContain("Invalid UpdateExpression: Expression size has exceeded");
  expect(part.message).toContain("Invalid ConditionExpression: Expression size has exceeded");
});

test("a filter has 300 operators at most, and groups only as deep as they are read in time", async () => {
  const scan = (FilterExpression: string) =>
    call("Scan", { TableName: "orders", FilterExpression, ExpressionAttributeValues: { ":a": { S: "a" } } });
  const terms = (count: number): string => Array.from({ length: count }, () => "a=:a").join(" OR ");
  expect((await scan(terms(150)))["Count"]).toBe(0);
  const { message } = await failure(scan(terms(151)));
  expect(message).toBe(
    "Invalid FilterExpression: The expression contains too many operators; operator count: 301",
  );
  const nested = (depth: number): string => (depth === 0 ? "a=:a" : `NOT (a=:a AND (${nested(depth - 1)}))`);
  expect((await scan(nested(2)))["Count"]).toBe(0);
  expect((await failure(scan(nested(12)))).message).toContain("nested so deep");
});
