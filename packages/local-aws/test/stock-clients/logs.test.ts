import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  InvalidParameterException,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../../src/local-aws.ts";
import { createEvents } from "../../src/events/events.ts";
import { createLogs } from "../../src/logs/logs.ts";
import type { ResourceTypes } from "../../src/resource.ts";
import { createSqs } from "../../src/sqs/sqs.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<ReturnType<typeof createLogs>>;
let logs: CloudWatchLogsClient;
const logGroupName = "/aws/events/orders";
const ARN = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;

/** A bus whose rule writes to the group, and the queue of what it could not write. */
beforeEach(async () => {
  aws = await openStockAws((localAws) => {
    const [events, sqs, own] = [createEvents(localAws), createSqs(localAws), createLogs(localAws)];
    localAws.register(events.service);
    localAws.register(sqs.service);
    return {
      ...own,
      resources: { ...events.resources, ...sqs.resources, ...own.resources } as ResourceTypes,
    };
  });
  logs = new CloudWatchLogsClient(aws.settings);
  await aws.create("AWS::Logs::LogGroup", { LogGroupName: logGroupName, RetentionInDays: 14 });
  await aws.create("AWS::Events::EventBus", { Name: "orders" });
  const { ref: url, attributes } = await aws.create("AWS::SQS::Queue", { QueueName: "failed" });
  const Principal = { Service: "events.amazonaws.com" };
  await aws.create("AWS::SQS::QueuePolicy", {
    Queues: [url],
    PolicyDocument: { Statement: { Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: "*" } },
  });
  await aws.create("AWS::Events::Rule", {
    Name: "log-events",
    EventBusName: "orders",
    EventPattern: { source: ["orders"] },
    Targets: [{ Id: "Target0", Arn: ARN, DeadLetterConfig: { Arn: attributes?.["Arn"] } }],
  });
});
afterEach(async () => {
  logs.destroy();
  await aws.close();
});

/** As CloudFormation hands it over: text. */
const letIn = (SourceArn: string) =>
  aws.create("AWS::Logs::ResourcePolicy", {
    PolicyName: "event-log",
    PolicyDocument: JSON.stringify({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: ["events.amazonaws.com"] },
          Action: "logs:CreateLogStream",
          Resource: `${ARN}:*`,
        },
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "logs:PutLogEvents",
          Resource: `${ARN}:*:*`,
          Condition: { ArnEquals: { "aws:SourceArn": SourceArn } },
        },
      ],
    }),
  });
const RULE = "arn:aws:events:us-east-1:000000000000:rule/orders/log-events";

async function publish(DetailType: string, detail: Shape): Promise<void> {
  const entry = {
    Source: "orders",
    DetailType,
    Detail: JSON.stringify(detail),
    EventBusName: "orders",
  };
  const input = { Entries: [entry] };
  await aws.localAws.call({ service: "events", operation: "PutEvents", input, caller: { kind: "person" } });
  await aws.clock.advance(1_500);
}
const typesOf = async (
  filter: Omit<FilterLogEventsCommand["input"], "logGroupName"> = {},
): Promise<string[]> => {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, ...filter }));
  return events.map(({ message = "{}" }) => String((JSON.parse(message) as Shape)["detail-type"]));
};

test("events that a rule writes are found by time, by a word in them, and by a field, oldest first", async () => {
  await letIn(RULE);
  const startMs = aws.clock.now();
  await publish("OrderPlaced", { orderId: "order-1" });
  await publish("OrderClosed", { orderId: "order-1" });
  await publish("OrderPlaced", { orderId: "order-12" });
  expect(await typesOf()).toEqual(["OrderPlaced", "OrderClosed", "OrderPlaced"]);
  expect(await typesOf({ startTime: startMs + 1_000, endTime: startMs + 2_999 })).toEqual(["OrderClosed"]);
  expect(await typesOf({ filterPattern: '"order-1"' })).toEqual(["OrderPlaced", "OrderClosed"]);
  expect(await typesOf({ filterPattern: "OrderClosed" })).toEqual(["OrderClosed"]);
  expect(await typesOf({ filterPattern: '{ $.detail-type = "OrderClosed" }' })).toEqual(["OrderClosed"]);
  const either = '{ ($.detail-type = "OrderClosed") || ($.detail-type = "OrderPlaced") }';
  expect(await typesOf({ filterPattern: either })).toHaveLength(3);
  const { events: [first] = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupIdentifier: ARN, logStreamNamePrefix: "log-", limit: 1 }),
  );
  expect(first).toMatchObject({ timestamp: startMs, ingestionTime: startMs, logStreamName: "log-events" });
  expect(aws.localAws.units["logs:ingested-byte"]).toBeGreaterThan(600);
});

test("a group is described, read in pages, and forgets what is older than its retention", async () => {
  await letIn(RULE);
  for (const orderId of ["1", "2", "3"]) await publish("OrderClosed", { orderId });
  const found: number[] = [];
  for await (const { events = [] } of paginateFilterLogEvents(
    { client: logs, pageSize: 2 },
    { logGroupName },
  ))
    found.push(events.length);
  expect(found).toEqual([2, 1]);
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/events" }));
  expect(logGroups).toMatchObject([{ logGroupName, arn: `${ARN}:*`, logGroupArn: ARN, retentionInDays: 14 }]);
  await aws.clock.advance(15 * 86_400_000);
  expect(await typesOf()).toEqual([]);
});

test("a rule that the group's policy does not name writes nothing, and its event is a dead letter", async () => {
  await letIn(`${RULE}-of-somebody-else`);
  await publish("OrderClosed", { orderId: "1" });
  expect(await typesOf()).toEqual([]);
  const QueueUrl = "http://127.0.0.1:4566/000000000000/failed";
  const input = { QueueUrl, MessageAttributeNames: ["All"] };
  const reply = await aws.localAws.call({
    service: "sqs",
    operation: "ReceiveMessage",
    input,
    caller: { kind: "person" },
  });
  expect(reply["Messages"]).toMatchObject([
    { MessageAttributes: { ERROR_CODE: { StringValue: "NO_PERMISSIONS" } } },
  ]);
});

test("what AWS would refuse is refused, and so is a pattern that this runtime cannot follow", async () => {
  const ask = (input: FilterLogEventsCommand["input"]) => logs.send(new FilterLogEventsCommand(input));
  await expect(ask({ logGroupName: "/aws/events/none" })).rejects.toThrow(ResourceNotFoundException);
  await expect(ask({})).rejects.toThrow(InvalidParameterException);
  await expect(ask({ logGroupName, filterPattern: "?Call ?Leg" })).rejects.toThrow("?Call ?Leg");
});

test("a stock client has used every operation of CloudWatch Logs", () => expect(aws.untried()).toEqual([]));
