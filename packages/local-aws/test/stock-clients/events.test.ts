import {
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  InvalidEventPatternException,
  LimitExceededException,
  ListArchivesCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  ResourceNotFoundException,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEvents } from "../../src/events/events.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const EventBusName = "orders";
const queue = (name: string) => ({ Id: name, Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` });

let aws: StockAws<ReturnType<typeof createEvents>>;
let events: EventBridgeClient;

beforeEach(async () => {
  aws = await openStockAws(createEvents);
  events = new EventBridgeClient(aws.settings);
  await aws.create("AWS::Events::EventBus", { Name: EventBusName });
});
afterEach(async () => {
  events.destroy();
  await aws.close();
});

const putRule = (Name: string, EventPattern = '{"source":["orders"]}') =>
  events.send(new PutRuleCommand({ Name, EventBusName, EventPattern, Description: "wakes a call" }));
const putTargets = (...names: string[]) =>
  events.send(new PutTargetsCommand({ Rule: "wake-order", EventBusName, Targets: names.map(queue) }));

test("an event reaches the queue of a rule that was made through the API", async () => {
  const sent: unknown[] = [];
  const SendMessage = {
    permissions: () => [],
    run: (input: object) => (sent.push(JSON.parse((input as { MessageBody: string }).MessageBody)), {}),
  };
  aws.localAws.register({ name: "sqs", operations: { SendMessage } });
  await putRule("wake-order");
  expect(await putTargets("orders")).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
  const Time = new Date("2026-01-01T08:59:30.500Z");
  const { FailedEntryCount, Entries } = await events.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName, Source: "orders", DetailType: "OrderPaid", Detail: '{"id":"1"}', Time },
        { EventBusName, Source: "other", DetailType: "OrderPaid", Detail: "no JSON" },
        { EventBusName, Source: "aws.states", DetailType: "x", Detail: "{}" },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(2);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    "MalformedDetail",
    "NotAuthorizedForSourceException",
  ]);
  await aws.clock.settle();
  await aws.clock.advance(0);
  expect(sent).toMatchObject([
    { id: Entries?.[0]?.EventId, "detail-type": "OrderPaid", time: "2026-01-01T08:59:30Z" },
  ]);
});

test("a rule is described, listed by prefix, and shows its targets page by page", async () => {
  const { RuleArn } = await putRule("wake-order");
  for (const name of ["wake-stage", "watch"]) await putRule(name);
  await putTargets("a", "b", "c");
  const rule = await events.send(new DescribeRuleCommand({ Name: "wake-order", EventBusName }));
  expect(rule).toMatchObject({
    Arn: RuleArn,
    EventPattern: '{"source":["orders"]}',
    State: "ENABLED",
    Description: "wakes a call",
    EventBusName,
  });
  const asked = { EventBusName, NamePrefix: "wake", Limit: 1 };
  const first = await events.send(new ListRulesCommand(asked));
  const second = await events.send(new ListRulesCommand({ ...asked, NextToken: first.NextToken }));
  expect([first.Rules?.[0]?.Name, second.Rules?.[0]?.Name, second.NextToken]).toEqual([
    "wake-order",
    "wake-stage",
    undefined,
  ]);
  const targets = { EventBusName, Rule: "wake-order", Limit: 2 };
  const page = await events.send(new ListTargetsByRuleCommand(targets));
  expect(page.Targets).toEqual([queue("a"), queue("b")]);
  const rest = await events.send(new ListTargetsByRuleCommand({ ...targets, NextToken: page.NextToken }));
  expect(rest.Targets).toEqual([queue("c")]);
});

test("buses are described and listed page by page", async () => {
  const bus = await events.send(new DescribeEventBusCommand({ Name: EventBusName }));
  expect(bus.Arn).toBe("arn:aws:events:us-east-1:000000000000:event-bus/orders");
  const first = await events.send(new ListEventBusesCommand({ Limit: 1 }));
  const { NextToken } = first;
  const second = await events.send(new ListEventBusesCommand({ Limit: 1, NextToken }));
  expect([first, second].map(({ EventBuses }) => EventBuses?.[0]?.Name)).toEqual(["default", "orders"]);
});

test("an archive counts what it holds, and tells its date", async () => {
  const SourceArn = "arn:aws:events:us-east-1:000000000000:event-bus/orders";
  for (const ArchiveName of ["orders", "calls-2"])
    await aws.create("AWS::Events::Archive", { ArchiveName, SourceArn, RetentionDays: 30 });
  const Entries = [{ EventBusName, Source: "orders", DetailType: "OrderPaid", Detail: "{}" }];
  await events.send(new PutEventsCommand({ Entries }));
  await aws.clock.advance(0);
  const archive = await events.send(new DescribeArchiveCommand({ ArchiveName: "orders" }));
  expect(archive).toMatchObject({
    EventSourceArn: SourceArn,
    EventCount: 1,
    RetentionDays: 30,
    State: "ENABLED",
    CreationTime: new Date("2026-01-01T09:00:00Z"),
  });
  const asked = { EventSourceArn: SourceArn, Limit: 1 };
  const first = await events.send(new ListArchivesCommand(asked));
  const second = await events.send(new ListArchivesCommand({ ...asked, NextToken: first.NextToken }));
  expect([first, second].map(({ Archives }) => Archives?.[0]?.ArchiveName)).toEqual(["orders", "calls-2"]);
});

test("a pattern is tried on an event without a rule", async () => {
  const Event = JSON.stringify({
    id: "1",
    account: "000000000000",
    source: "orders",
    time: "2026-01-01T09:00:00Z",
    region: "us-east-1",
    resources: [],
    "detail-type": "OrderClosed",
    detail: { version: 3 },
  });
  const matches = async (pattern: object) => {
    const EventPattern = JSON.stringify(pattern);
    return (await events.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
  };
  expect(await matches({ detail: { version: [{ numeric: [">", 2] }] } })).toBe(true);
  expect(await matches({ "detail-type": ["OrderPaid"] })).toBe(false);
});

test("errors are the client's own classes", async () => {
  const missing = events.send(new DescribeRuleCommand({ Name: "none", EventBusName }));
  await expect(missing).rejects.toThrow(ResourceNotFoundException);
  await expect(missing).rejects.toMatchObject({
    message: "Rule none does not exist on EventBus orders.",
    $metadata: { httpStatusCode: 400 },
  });
  await expect(putRule("wrong", '{"source":"orders"}')).rejects.toThrow(InvalidEventPatternException);
  await putRule("wake-order");
  await expect(putTargets("a", "b", "c", "d", "e", "f")).rejects.toThrow(LimitExceededException);
  const scheduled = new PutRuleCommand({ Name: "s", ScheduleExpression: "rate(1 minute)" });
  await expect(events.send(scheduled)).rejects.toMatchObject({ name: "ValidationException" });
  const other = new PutTargetsCommand({
    Rule: "wake-order",
    EventBusName,
    Targets: [{ Id: "1", Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s" }],
  });
  await expect(events.send(other)).rejects.toMatchObject({ name: "ValidationException" });
});

test("a stock client has used every operation of EventBridge", () => expect(aws.untried()).toEqual([]));
