import {
  BatchEntryIdsNotDistinct,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  EmptyBatchRequest,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  InvalidAttributeName,
  paginateListQueues,
  ListQueuesCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  TooManyEntriesInBatchRequest,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqs } from "../../src/sqs/sqs.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<ReturnType<typeof createSqs>>;
let sqs: SQSClient;
let QueueUrl: string;

beforeEach(async () => {
  aws = await openStockAws(createSqs);
  sqs = new SQSClient(aws.settings);
  QueueUrl = (await aws.create("AWS::SQS::Queue", { QueueName: "orders" }, "Calls")).ref;
});
afterEach(async () => {
  sqs.destroy();
  await aws.close();
});

const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (MaxNumberOfMessages = 10) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }))).Messages ?? [];
const count = async () => {
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Attributes?.["ApproximateNumberOfMessages"];
};

test("a queue is found by name, and queues are listed by prefix and page by page", async () => {
  const { QueueUrl: found } = await sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }));
  expect(found).toBe("http://127.0.0.1:4566/000000000000/orders");
  for (const QueueName of ["pushes", "pushes-dlq"]) await aws.create("AWS::SQS::Queue", { QueueName });
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "push" }));
  expect(QueueUrls).toHaveLength(2);
  const pages: number[] = [];
  for await (const page of paginateListQueues({ client: sqs, pageSize: 2 }, {}))
    pages.push(page.QueueUrls?.length ?? 0);
  expect(pages).toEqual([2, 1]);
});

test("a message arrives as it was sent, with attributes, and the client's own check of its digests holds", async () => {
  const sent = await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: "order ☎",
      MessageAttributes: {
        kind: { DataType: "String", StringValue: "offer" },
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
      },
    }),
  );
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["SentTimestamp", "ApproximateReceiveCount"],
    }),
  );
  expect(Messages).toEqual([
    {
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String),
      Body: "order ☎",
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { SentTimestamp: String(aws.clock.now()), ApproximateReceiveCount: "1" },
      MessageAttributes: {
        kind: { DataType: "String", StringValue: "offer" },
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
      },
    },
  ]);
});

test("a receiver that waits gets a message that becomes visible meanwhile", async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "late", DelaySeconds: 5 }));
  let bodies: (string | undefined)[] | undefined;
  void sqs
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    .then(({ Messages }) => (bodies = Messages?.map(({ Body }) => Body)));
  await aws.clock.until(() => bodies !== undefined, 25_000);
  expect(bodies).toEqual(["late"]);
});

test("a message that is deleted does not come again; one that is let go of does", async () => {
  await send("a");
  const [first] = await receive();
  const ReceiptHandle = first?.ReceiptHandle;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const [again] = await receive();
  expect(again?.MessageId).toBe(first?.MessageId);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  await aws.clock.advance(60_000);
  expect(await receive()).toEqual([]);
});

test("a batch has an outcome for each entry", async () => {
  const Entries = [
    { Id: "1", MessageBody: "a" },
    { Id: "2", MessageBody: "b", DelaySeconds: 901 },
    { Id: "3", MessageBody: "c" },
  ];
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["1", "3"]);
  expect(sent.Failed).toMatchObject([{ Id: "2", SenderFault: true }]);

  const handles = (await receive()).map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  const visibilities = handles.map((handle) => ({ ...handle, VisibilityTimeout: 0 }));
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: visibilities }),
  );
  expect(changed.Successful?.map(({ Id }) => Id)).toEqual(["0", "1"]);

  const received = (await receive()).map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  const wrong = { Id: "x", ReceiptHandle: "no handle" };
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [...received, wrong] }));
  expect(deleted.Successful).toHaveLength(2);
  expect(deleted.Failed).toMatchObject([{ Id: "x", Code: "ReceiptHandleIsInvalid" }]);
});

test("a queue tells its attributes as text, and is empty after a purge", async () => {
  await send("a");
  const all = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  expect(all.Attributes).toMatchObject({
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:orders",
    ApproximateNumberOfMessages: "1",
    VisibilityTimeout: "30",
    CreatedTimestamp: String(Math.floor(aws.clock.now() / 1000)),
  });
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect(await count()).toBe("0");
});

test("errors are the client's own classes, with the names of old SQS in Code", async () => {
  const missing = sqs.send(new GetQueueUrlCommand({ QueueName: "none" }));
  await expect(missing).rejects.toThrow(QueueDoesNotExist);
  await expect(missing).rejects.toMatchObject({
    name: "QueueDoesNotExist",
    Code: "AWS.SimpleQueueService.NonExistentQueue",
    Type: "Sender",
    message: "The specified queue does not exist.",
    $metadata: { httpStatusCode: 400 },
  });
  const batch = (ids: string[]) => {
    const Entries = ids.map((Id) => ({ Id, MessageBody: "a" }));
    return sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  };
  await expect(batch([])).rejects.toThrow(EmptyBatchRequest);
  await expect(batch(["1", "1"])).rejects.toThrow(BatchEntryIdsNotDistinct);
  await expect(batch("abcdefghijk".split(""))).rejects.toThrow(TooManyEntriesInBatchRequest);
  const unknownHandle = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "x" });
  await expect(sqs.send(unknownHandle)).rejects.toThrow(ReceiptHandleIsInvalid);
  // No attribute of a queue: the type has to be told otherwise.
  const AttributeNames = ["Colour" as "All"];
  await expect(sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).rejects.toThrow(
    InvalidAttributeName,
  );
  await expect(receive(11)).rejects.toMatchObject({ Code: "InvalidParameterValue" });
});

test("a stock client has used every operation of SQS", () => expect(aws.untried()).toEqual([]));
