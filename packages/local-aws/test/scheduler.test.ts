/** Local EventBridge Scheduler: when schedules fire, and what their targets get. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { AwsError, type AwsCall, type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";
import { parseTiming } from "../src/scheduler/schedule-expression.ts";
import { createScheduler, type Scheduler } from "../src/scheduler/scheduler.ts";
import { createSqs } from "../src/sqs/sqs.ts";

let clock: Clock;
let localAws: LocalAws;
let scheduler: Scheduler;
let invoked: (AwsCall & { atMs: number })[];
let lambdaFailure: AwsError | undefined;
const ROLE = "arn:aws:iam::000000000000:role/scheduler";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:sweep-calls";

beforeEach(() => {
  clock = virtualClock();
  localAws = openLocalAws({
    clock,
    authorizer: { check: () => undefined },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  scheduler = createScheduler(localAws);
  localAws.register(scheduler.service);
  [invoked, lambdaFailure] = [[], undefined];
  localAws.register({
    name: "lambda",
    operations: {
      Invoke: {
        permissions: () => [],
        run(_input, call) {
          invoked.push({ ...call, atMs: clock.now() });
          if (lambdaFailure) throw lambdaFailure;
          return { StatusCode: 202 };
        },
      },
    },
  });
});
afterEach(() => {
  scheduler.stop();
  clock.dispose();
});

const schedule = (properties: Shape, target: Shape = {}): unknown =>
  scheduler.resources["AWS::Scheduler::Schedule"]?.create({
    logicalId: "Sweep",
    properties: {
      Name: "sweep",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: FUNCTION, RoleArn: ROLE, ...target },
      ...properties,
    },
    physicalName: () => "Stack-Sweep",
    assetPath: () => "",
  });

test("a rate fires at the start and then every period, as the target's role", async () => {
  schedule({ ScheduleExpression: "rate(1 minute)" }, { Input: '{"at":"<aws.scheduler.scheduled-time>"}' });
  const begin = clock.now();
  await clock.advance(60_000);
  expect(invoked).toEqual([]);
  scheduler.start();
  await clock.advance(120_000);
  expect(invoked.map(({ atMs }) => atMs - begin)).toEqual([60_000, 120_000, 180_000]);
  expect(invoked[0]).toMatchObject({
    caller: { kind: "role", arn: ROLE },
    input: { FunctionName: FUNCTION, InvocationType: "Event", Payload: { at: "2026-01-01T09:01:00Z" } },
  });
  expect(localAws.units["scheduler:invocation"]).toBe(3);
});

test("a disabled schedule never fires, and at() fires once", async () => {
  schedule({ Name: "off", ScheduleExpression: "rate(1 minute)", State: "DISABLED" });
  schedule({ Name: "once", ScheduleExpression: "at(2026-01-01T12:00:00)" });
  scheduler.start();
  await clock.advance(86_400_000);
  expect(invoked.map(({ atMs }) => new Date(atMs).toISOString())).toEqual(["2026-01-01T12:00:00.000Z"]);
  const payload = invoked[0]?.input["Payload"];
  expect(payload).toMatchObject({ source: "aws.scheduler", "detail-type": "Scheduled Event", detail: "{}" });
});

const firings = (
  expression: string,
  timeZone: string,
  count: number,
  from = "2026-01-01T09:00:00Z",
): string[] => {
  const timing = parseTiming({ expression, timeZone });
  const list: string[] = [];
  for (let last: number | undefined; list.length < count;) {
    last = timing.next(Date.parse(from), last);
    if (last === undefined) break;
    list.push(new Date(last).toISOString().slice(0, 16));
  }
  return list;
};

test.each([
  ["cron(0 3 * * ? *)", ["2026-01-02T03:00", "2026-01-03T03:00"]],
  ["cron(0/20 9-10 ? * MON-FRI *)", ["2026-01-01T09:00", "2026-01-01T09:20"]],
  ["cron(30 8 L * ? *)", ["2026-01-31T08:30", "2026-02-28T08:30"]],
  ["cron(0 8 1W * ? *)", ["2026-02-02T08:00", "2026-03-02T08:00"]],
  ["cron(0 8 LW * ? *)", ["2026-01-30T08:00", "2026-02-27T08:00"]],
  ["cron(0 8 ? * 2#1 *)", ["2026-01-05T08:00", "2026-02-02T08:00"]],
  ["cron(0 8 ? * 6L *)", ["2026-01-30T08:00", "2026-02-27T08:00"]],
  ["cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]],
  ["cron(0 0 1 1 ? 2027)", ["2027-01-01T00:00"]],
])("%s", (expression, expected) => {
  expect(firings(expression, "UTC", 2)).toEqual(expected);
});

test("a cron expression follows its time zone, and skips the hour that is skipped in spring", () => {
  expect(firings("cron(0 9 * * ? *)", "America/New_York", 2, "2026-03-07T15:00:00Z")).toEqual([
    "2026-03-08T13:00",
    "2026-03-09T13:00",
  ]);
  expect(firings("cron(30 2 * * ? *)", "America/New_York", 2, "2026-03-07T15:00:00Z")).toEqual([
    "2026-03-09T06:30",
    "2026-03-10T06:30",
  ]);
  expect(firings("cron(30 1 * * ? *)", "America/New_York", 2, "2026-10-31T15:00:00Z")).toEqual([
    "2026-11-01T05:30",
    "2026-11-02T06:30",
  ]);
});

test.each([
  ["rate(0 minutes)", "Invalid Schedule Expression rate(0 minutes)."],
  ["rate(5 seconds)", "Invalid Schedule Expression rate(5 seconds)."],
  ["cron(0 3 * * *)", "cron(0 3 * * *) needs six fields"],
  ["cron(0 3 * * * *)", "cron(0 3 * * * *) needs one ? for a day field"],
  ["cron(61 3 * * ? *)", "61 is not a value from 0 to 59 of a cron field"],
  ["daily", "Invalid Schedule Expression daily."],
])("%s is refused", (expression, message) => {
  expect(() => schedule({ ScheduleExpression: expression })).toThrow(message);
});

test("a call that cannot be delivered ends in the dead-letter queue", async () => {
  const sqs = createSqs(localAws);
  localAws.register(sqs.service);
  const queue = await sqs.resources["AWS::SQS::Queue"]?.create({
    logicalId: "Dead",
    properties: { QueueName: "dead" },
    physicalName: () => "dead",
    assetPath: () => "",
  });
  lambdaFailure = new AwsError("ServiceException", "busy", 500);
  schedule(
    { ScheduleExpression: "at(2026-01-01T09:01:00)" },
    {
      RetryPolicy: { MaximumRetryAttempts: 1 },
      DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" },
    },
  );
  scheduler.start();
  await clock.advance(120_000);
  expect(invoked).toHaveLength(2);
  const input = { QueueUrl: queue?.ref, MessageAttributeNames: ["All"] };
  const reply = await localAws.call({ service: "sqs", operation: "ReceiveMessage", input, caller: PERSON });
  expect((reply["Messages"] as Shape[])[0]?.["MessageAttributes"]).toMatchObject({
    SCHEDULE_ARN: { StringValue: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep" },
    EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
    SCHEDULED_TIME: { StringValue: "2026-01-01T09:01:00Z" },
  });
});

test("schedules and groups are listed", async () => {
  schedule({ ScheduleExpression: "rate(1 minute)" });
  const call = (operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service: "scheduler", operation, input, caller: PERSON });
  expect((await call("ListSchedules", {}))["Schedules"]).toMatchObject([{ Name: "sweep", State: "ENABLED" }]);
  expect(await call("GetSchedule", { Name: "sweep" })).toMatchObject({
    ScheduleExpression: "rate(1 minute)",
  });
  expect((await call("ListScheduleGroups", {}))["ScheduleGroups"]).toMatchObject([{ Name: "default" }]);
  await expect(call("GetSchedule", { Name: "nope" })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
  });
});
