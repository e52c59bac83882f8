/** Local SQS: visibility, dead letters, waiting, policies, and queues that call functions. */
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type Caller, type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";
import type { CreatedResource } from "../src/resource.ts";
import { createSqs } from "../src/sqs/sqs.ts";

let clock: Clock;
let localAws: LocalAws;
let sqs: ReturnType<typeof createSqs>;

beforeEach(() => {
  clock = virtualClock();
  localAws = openLocalAws({
    clock,
    authorizer: { check: () => undefined },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  sqs = createSqs(localAws);
  localAws.register(sqs.service);
});
afterEach(() => clock.dispose());

async function create(type: "Queue" | "QueuePolicy", properties: Shape): Promise<CreatedResource> {
  const resource = sqs.resources[`AWS::SQS::${type}`];
  if (!resource) throw new Error(type);
  return resource.create({
    logicalId: type,
    properties,
    physicalName: () => `Stack-${type}`,
    assetPath: () => "",
  });
}
const queue = async (name: string, properties: Shape = {}): Promise<string> =>
  (await create("Queue", { QueueName: name, ...properties })).ref;
const call = (operation: string, input: Shape, caller: Caller = PERSON): Promise<Shape> =>
  localAws.call({ service: "sqs", operation, input, caller });
const send = (url: string, body: string, more: Shape = {}): Promise<Shape> =>
  call("SendMessage", { QueueUrl: url, MessageBody: body, ...more });
const receive = async (url: string, more: Shape = {}): Promise<Shape[]> =>
  ((await call("ReceiveMessage", { QueueUrl: url, MaxNumberOfMessages: 10, ...more }))["Messages"] ??
    []) as Shape[];
const bodies = async (url: string): Promise<unknown[]> => (await receive(url)).map(({ Body }) => Body);

test("a message received is hidden until its visibility timeout, then comes again with a higher count", async () => {
  const url = await queue("q", { VisibilityTimeout: 30 });
  await send(url, "hello");
  const [first] = await receive(url);
  expect(await bodies(url)).toEqual([]);
  await clock.advance(30_000);
  const [second] = await receive(url, { MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
  expect(second?.["Attributes"]).toEqual({ ApproximateReceiveCount: "2" });
  await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: first?.["ReceiptHandle"] });
  await clock.advance(30_000);
  const [third] = await receive(url);
  expect(third?.["Body"]).toBe("hello");
  await call("DeleteMessage", { QueueUrl: url, ReceiptHandle: third?.["ReceiptHandle"] });
  await clock.advance(30_000);
  expect(await bodies(url)).toEqual([]);
});

test("a message received too often goes to the dead-letter queue", async () => {
  const dead = await queue("dead");
  const url = await queue("q", {
    VisibilityTimeout: 1,
    RedrivePolicy: { deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 2 },
  });
  await send(url, "poison");
  for (let received = 0; received < 3; received += 1) {
    await receive(url);
    await clock.advance(1_000);
  }
  expect(await bodies(url)).toEqual([]);
  expect(await bodies(dead)).toEqual(["poison"]);
});

test("a delayed message ends a wait when its delay is over, and a wait without message ends empty", async () => {
  const url = await queue("q", { DelaySeconds: 5 });
  await send(url, "later");
  let arrived: Shape[] | undefined;
  void receive(url, { WaitTimeSeconds: 20 }).then((messages) => (arrived = messages));
  await clock.advance(4_999);
  expect(arrived).toBeUndefined();
  await clock.advance(1);
  await clock.settle();
  expect(arrived?.map(({ Body }) => Body)).toEqual(["later"]);
  let second: Shape[] | undefined;
  void receive(url, { WaitTimeSeconds: 3 }).then((messages) => (second = messages));
  await clock.advance(3_001);
  expect(second).toEqual([]);
});

test("a message is gone after the retention period", async () => {
  const url = await queue("q", { MessageRetentionPeriod: 60 });
  await send(url, "old");
  await clock.advance(60_001);
  expect(await bodies(url)).toEqual([]);
});

test("an AWS service needs the queue's policy, for the rule that it names", async () => {
  const url = await queue("q");
  const rule = "arn:aws:events:us-east-1:000000000000:rule/bus/wake";
  const caller: Caller = { kind: "service", principal: "events.amazonaws.com", sourceArn: rule };
  const message = { QueueUrl: url, MessageBody: "m" };
  await expect(call("SendMessage", message, caller)).rejects.toMatchObject({ code: "AccessDeniedException" });
  await create("QueuePolicy", {
    Queues: [url],
    PolicyDocument: {
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: "arn:aws:sqs:us-east-1:000000000000:q",
          Condition: { ArnEquals: { "aws:SourceArn": rule } },
        },
      ],
    },
  });
  await call("SendMessage", message, caller);
  const other: Caller = { ...caller, sourceArn: `${rule}-other` };
  await expect(call("SendMessage", message, other)).rejects.toMatchObject({ code: "AccessDeniedException" });
});

test("a policy condition that is not understood is refused by name", async () => {
  const url = await queue("q");
  const Statement = [
    { Effect: "Allow", Action: "*", Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
  ];
  await expect(create("QueuePolicy", { Queues: [url], PolicyDocument: { Statement } })).rejects.toThrow(
    "IpAddress",
  );
});

test("an unknown queue, a wrong handle and a wrong batch are refused as AWS refuses them", async () => {
  const url = await queue("q");
  await expect(send(`${url}x`, "m")).rejects.toMatchObject({
    code: "QueueDoesNotExist",
    message: "The specified queue does not exist.",
  });
  const handle = { QueueUrl: url, ReceiptHandle: "nonsense" };
  await expect(call("DeleteMessage", handle)).rejects.toMatchObject({ code: "ReceiptHandleIsInvalid" });
  const entry = { Id: "1", MessageBody: "m" };
  const twice = { QueueUrl: url, Entries: [entry, entry] };
  await expect(call("SendMessageBatch", twice)).rejects.toMatchObject({ code: "BatchEntryIdsNotDistinct" });
});

test("the stock SDK accepts the replies and their sums", async () => {
  const url = await queue("q");
  const client = new SQSClient({
    region: "us-east-1",
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body: string }) {
        const operation = request.headers["x-amz-target"]?.split(".")[1] ?? "";
        const reply = await call(operation, JSON.parse(request.body) as Shape);
        const headers = { "content-type": "application/x-amz-json-1.0" };
        return { response: { statusCode: 200, headers, body: Buffer.from(JSON.stringify(reply)) } };
      },
    } as never,
  });
  const MessageAttributes = {
    RULE_ARN: { DataType: "String", StringValue: "arn:é" },
    BYTES: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 3]) },
    COUNT: { DataType: "Number", StringValue: "5" },
  };
  const sent = await client.send(
    new SendMessageCommand({ QueueUrl: url, MessageBody: "grüße", MessageAttributes }),
  );
  // The sum of these attributes, computed by the rules in AWS's documentation with another program.
  expect(sent.MD5OfMessageAttributes).toBe("fc7ba2b2428665cd5c6906d9f1058841");
  await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: "a", MessageBody: "b" }] }));
  const { Messages } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  expect(Messages?.map(({ Body }) => Body)).toEqual(["grüße", "b"]);
  expect(Messages?.[0]?.MessageAttributes?.["BYTES"]?.BinaryValue).toEqual(new Uint8Array([1, 2, 3]));
  const Entries = Messages?.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  expect(deleted.Successful).toHaveLength(2);
});

async function mapped(
  queueProperties: Shape,
  mapping: Shape,
  answer: (records: Shape[]) => Shape | Promise<Shape>,
): Promise<{ url: string; seen: string[][] }> {
  const seen: string[][] = [];
  localAws.register({
    name: "lambda",
    operations: {
      GetFunctionConfiguration: {
        permissions: () => [],
        run: () => ({ Role: "arn:aws:iam::000000000000:role/worker", Timeout: 10 }),
      },
      Invoke: {
        permissions: () => [],
        waits: true,
        async run({ Payload }) {
          const records = (Payload as { Records: Shape[] }).Records;
          seen.push(records.map(({ body }) => body as string));
          return { StatusCode: 200, ...(await answer(records)) };
        },
      },
    },
  });
  const url = await queue("q", { VisibilityTimeout: 60, ...queueProperties });
  await sqs.resources["AWS::Lambda::EventSourceMapping"]?.create({
    logicalId: "Mapping",
    properties: {
      EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:q",
      FunctionName: "worker",
      ...mapping,
    },
    physicalName: () => "mapping",
    assetPath: () => "",
  });
  return { url, seen };
}

test("a mapped function gets each message once its delay is over, and the message is deleted", async () => {
  const { url, seen } = await mapped({ DelaySeconds: 20 }, {}, () => ({ Payload: null }));
  await send(url, "a");
  await clock.advance(19_999);
  expect(seen).toEqual([]);
  await clock.advance(1);
  await clock.settle();
  expect(seen).toEqual([["a"]]);
  await clock.advance(120_000);
  expect(seen).toEqual([["a"]]);
});

test("only the messages that a mapped function reports as failed come back", async () => {
  const { url, seen } = await mapped(
    {},
    { FunctionResponseTypes: ["ReportBatchItemFailures"], MaximumBatchingWindowInSeconds: 1 },
    (records) => ({
      Payload: {
        batchItemFailures: records
          .filter(
            ({ body, attributes }) =>
              body === "b" && (attributes as Shape)["ApproximateReceiveCount"] === "1",
          )
          .map(({ messageId }) => ({ itemIdentifier: messageId })),
      },
    }),
  );
  await send(url, "a");
  await send(url, "b");
  await clock.advance(1_000);
  await clock.settle();
  expect(seen).toEqual([["a", "b"]]);
  await clock.advance(62_000);
  expect(seen).toEqual([["a", "b"], ["b"]]);
});

test("after an error of a mapped function its messages come back after the visibility timeout", async () => {
  let fails = true;
  const { url, seen } = await mapped({}, {}, () =>
    fails ? { FunctionError: "Unhandled" } : { Payload: {} },
  );
  await send(url, "a");
  await clock.settle();
  fails = false;
  await clock.advance(60_000);
  await clock.settle();
  await clock.advance(120_000);
  expect(seen).toEqual([["a"], ["a"]]);
});

test("a mapped function runs no more often at once than its maximum concurrency", async () => {
  let [running, most] = [0, 0];
  const { url, seen } = await mapped(
    {},
    { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => void clock.after(1_000, resolve));
      running -= 1;
      return { Payload: null };
    },
  );
  for (const body of ["a", "b", "c", "d", "e"]) await send(url, body);
  await clock.advance(2_500);
  expect([most, seen.length]).toEqual([2, 5]);
});

test.each([
  [{ ScalingConfig: { MaximumConcurrency: 1 } }, "MaximumConcurrency 1 must be between 2 and 1000"],
  [{ BatchSize: 11 }, "Maximum batch window in seconds must be greater than 0"],
  [{ BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, "BatchSize 10001 must be between 1 and 10000"],
])("a mapping with %j is refused as AWS refuses it", async (mapping, message) => {
  await expect(mapped({}, mapping, () => ({}))).rejects.toThrow(message);
});

test("a queue whose visibility timeout is shorter than the function's cannot be mapped", async () => {
  await expect(mapped({ VisibilityTimeout: 5 }, {}, () => ({}))).rejects.toThrow(
    "Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds",
  );
});
