/** Local EventBridge: patterns, delivery, retries and dead letters. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { AwsError, type AwsCall, type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";
import { createEvents } from "../src/events/events.ts";
import type { CreatedResource, ResourceTypes } from "../src/resource.ts";
import { createSqs } from "../src/sqs/sqs.ts";

let clock: Clock;
let localAws: LocalAws;
let resources: ResourceTypes;
let invoked: AwsCall[];
let started: AwsCall[];
let lambdaFailure: AwsError | undefined;

beforeEach(async () => {
  clock = virtualClock();
  localAws = openLocalAws({
    clock,
    authorizer: { check: () => undefined },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  const events = createEvents(localAws);
  const sqs = createSqs(localAws);
  resources = { ...events.resources, ...sqs.resources };
  localAws.register(events.service);
  localAws.register(sqs.service);
  [invoked, started, lambdaFailure] = [[], [], undefined];
  const recording = (list: AwsCall[]) => ({
    permissions: () => [],
    run(_input: Shape, call: AwsCall) {
      list.push(call);
      if (lambdaFailure) throw lambdaFailure;
      return { StatusCode: 202 };
    },
  });
  localAws.register({ name: "lambda", operations: { Invoke: recording(invoked) } });
  localAws.register({ name: "states", operations: { StartExecution: recording(started) } });
  await create("AWS::Events::EventBus", { Name: "orders" });
});
afterEach(() => clock.dispose());

async function create(type: keyof ResourceTypes, properties: Shape): Promise<CreatedResource> {
  const request = { logicalId: "Id", properties, physicalName: () => "Stack-Id", assetPath: () => "" };
  const resource = resources[type];
  if (!resource) throw new Error(type);
  return resource.create(request);
}
const call = (operation: string, input: Shape, service = "events"): Promise<Shape> =>
  localAws.call({ service, operation, input, caller: PERSON });
const put = (...details: Shape[]): Promise<Shape> =>
  call("PutEvents", {
    Entries: details.map((detail) => ({
      Source: "orders",
      DetailType: "OrderPlaced",
      Detail: JSON.stringify(detail),
      EventBusName: "orders",
    })),
  });
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:take-order";
const rule = (target: Shape = {}, more: Shape = {}): Promise<CreatedResource> =>
  create("AWS::Events::Rule", {
    Name: "wake",
    EventBusName: "orders",
    EventPattern: { source: ["orders"] },
    State: "ENABLED",
    Targets: [{ Id: "Target0", Arn: FUNCTION, ...target }],
    ...more,
  });
const payloads = (): unknown[] => invoked.map(({ input }) => input["Payload"]);
async function deadLetterQueue(): Promise<string> {
  const queue = await create("AWS::SQS::Queue", { QueueName: "dead" });
  await create("AWS::SQS::QueuePolicy", {
    Queues: [queue.ref],
    PolicyDocument: {
      Statement: {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Condition: {
          ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/orders/wake" },
        },
      },
    },
  });
  return queue.ref;
}
async function deadLetters(
  url: string,
): Promise<{ body: Shape; reason: Record<string, string | undefined> }[]> {
  const input = { QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
  const reply = await call("ReceiveMessage", input, "sqs");
  return ((reply["Messages"] ?? []) as Shape[]).map(({ Body, MessageAttributes }) => ({
    body: JSON.parse(Body as string) as Shape,
    reason: Object.fromEntries(
      Object.entries(MessageAttributes as Record<string, { StringValue: string }>).map(
        ([name, { StringValue }]) => [name, StringValue],
      ),
    ),
  }));
}

const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

describe("patterns", () => {
  const matches = async (pattern: Shape, event: Shape): Promise<unknown> =>
    (await call("TestEventPattern", { EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) }))[
      "Result"
    ];
  const detail = (one: unknown): Shape => ({ detail: { x: one } });

  test.each([
    ["exact", ["a"], "a", "b"],
    ["number", [300], 300.0, "300"],
    ["null", [null], null, "null"],
    ["an array in the event", ["a"], ["b", "a"], ["b"]],
    ["prefix", [{ prefix: "ab" }], "abc", "cab"],
    ["prefix ignoring case", [{ prefix: { "equals-ignore-case": "AB" } }], "abc", "bab"],
    ["suffix", [{ suffix: ".png" }], "a.png", "a.jpg"],
    ["anything-but", [{ "anything-but": [4, 5] }], "b", 5],
    ["anything-but and a missing field", [{ "anything-but": "a" }], "b", undefined],
    ["anything-but prefix", [{ "anything-but": { prefix: "a" } }], "ba", "ab"],
    ["anything-but suffixes", [{ "anything-but": { suffix: ["a", "b"] } }], "bc", "cb"],
    ["anything-but ignoring case", [{ "anything-but": { "equals-ignore-case": "A" } }], "b", "a"],
    ["anything-but wildcard", [{ "anything-but": { wildcard: "*/x/*" } }], "a/y/b", "a/x/b"],
    ["exists", [{ exists: true }], false, undefined],
    ["does not exist", [{ exists: false }], undefined, "a"],
    ["an object does not count as existing", [{ exists: false }], { y: 1 }, 1],
    ["numeric range", [{ numeric: [">", 0, "<=", 5] }], 5, 0],
    ["equals-ignore-case", [{ "equals-ignore-case": "Alice" }], "aLICE", "Alicia"],
    ["wildcard", [{ wildcard: "dir/*.p\\*g" }], "dir/a/b.p*g", "dir/a.png"],
    ["cidr", [{ cidr: "10.0.0.0/24" }], "10.0.0.255", "10.0.1.0"],
    ["cidr of version 6", [{ cidr: "2001:db8::/32" }], "2001:db8::1", "2001:db9::1"],
    ["alternatives", ["a", { prefix: "z" }], "zed", "y"],
  ])("%s", async (_name, wanted, yes, no) => {
    expect(await matches(detail(wanted), detail(yes))).toBe(true);
    expect(await matches(detail(wanted), detail(no))).toBe(false);
  });

  test("$or is met by any of its patterns, beside the other fields", async () => {
    const pattern = { source: ["s"], detail: { $or: [{ a: [1] }, { b: [{ exists: false }] }] } };
    expect(await matches(pattern, { source: "s", detail: { a: 1, b: 2 } })).toBe(true);
    expect(await matches(pattern, { source: "s", detail: { a: 2 } })).toBe(true);
    expect(await matches(pattern, { source: "s", detail: { a: 2, b: 2 } })).toBe(false);
    expect(await matches(pattern, { source: "t", detail: { a: 1 } })).toBe(false);
  });

  test("the fields of a nested pattern are met by one element of an array", async () => {
    const pattern = { detail: { legs: { who: ["alice"], status: ["ended"] } } };
    const alice = { who: "alice", status: "in" };
    const bob = { who: "bob", status: "ended" };
    expect(await matches(pattern, { detail: { legs: [alice, bob] } })).toBe(false);
    expect(await matches(pattern, { detail: { legs: [{ ...alice, status: "ended" }, bob] } })).toBe(true);
  });

  test("alternatives that name a matcher belong to a field called $or", async () => {
    const pattern = { detail: { $or: [{ prefix: "a" }, { suffix: "z" }] } };
    expect(await matches(pattern, { detail: { $or: "abc" } })).toBe(true);
    expect(await matches(pattern, { detail: { prefix: "a" } })).toBe(false);
  });

  test("objects in lists of lists are met like those of one list", async () => {
    const pattern = { detail: { legs: { who: ["alice"] } } };
    expect(await matches(pattern, { detail: { legs: [[{ who: "bob" }], [{ who: "alice" }]] } })).toBe(true);
  });

  test("a dot in a name joins names of a path, in the event and in the pattern", async () => {
    for (const pattern of [
      { detail: { "a.b": [1] } },
      { detail: { a: { b: [1] } } },
      { "detail.a.b": [1] },
    ]) {
      for (const event of [
        { detail: { "a.b": 1 } },
        { detail: { a: { b: 1 } } },
        { detail: { a: 0, "a.b": 1 } },
      ])
        expect(await matches(pattern, event)).toBe(true);
      expect(await matches(pattern, { detail: { a: 1, b: 1 } })).toBe(false);
    }
    const both = { detail: { a: { b: [1], c: [2] } } };
    expect(await matches(both, { detail: { a: { c: 2 }, "a.b": 1 } })).toBe(true);
    expect(await matches({ detail: { "a.b": [{ exists: false }] } }, { detail: { "a.b": 1 } })).toBe(false);
  });

  test("an empty prefix on its own, and wildcards that do not repeat, are taken", async () => {
    expect(await matches(detail([{ prefix: "" }]), detail("any"))).toBe(true);
    expect(await matches(detail([{ wildcard: "*/users/*/calls/*" }]), detail("a/users/b/calls/c"))).toBe(
      true,
    );
  });

  test("a rule with a pattern that is too complex is not made", async () => {
    const EventPattern = JSON.stringify({ source: [{ wildcard: "a*a*a*a*a*a*" }] });
    await expect(call("PutRule", { Name: "complex", EventPattern })).rejects.toMatchObject({
      code: "InvalidEventPatternException",
      message: `Event pattern is not valid. Reason: ${TOO_COMPLEX}`,
    });
    await expect(call("DescribeRule", { Name: "complex" })).rejects.toThrow("does not exist");
  });

  test("an event that is no JSON is refused", async () => {
    const tried = call("TestEventPattern", { EventPattern: '{"source":["s"]}', Event: "{" });
    await expect(tried).rejects.toMatchObject({ code: "ValidationException" });
  });

  test.each([
    [
      { source: [{ "anything-but": ["a", 5] }] },
      "Inside anything but list, either all values are number or string, mixed type is not supported",
    ],
    [
      { source: [{ "anything-but": ["a", null] }] },
      "Inside anything but list, start|null|boolean is not supported.",
    ],
    [
      { source: [{ "anything-but": true }] },
      "Value of anything-but must be an array or single string/number value.",
    ],
    [{ source: "s" }, '"source" must be an object or an array'],
    [{ source: [] }, "Empty arrays are not allowed"],
    [{ source: [{ like: "s" }] }, "Unrecognized match type like"],
    [{ source: [{ exists: "yes" }] }, "exists match pattern must be either true or false."],
    [{ source: [{ cidr: "10.0.0.0/33" }] }, "IPv4 mask bits must be at most 32"],
    [{ source: [{ cidr: "2001:db8::/half" }] }, "Malformed CIDR, mask bits must be an integer"],
    [{ source: [{ cidr: "10.0.0.0/8/8" }] }, "Malformed CIDR, one '/' required"],
    [{ source: [{ numeric: [">", 5, "<", 5] }] }, "Bottom must be less than top"],
    [{ source: [{ "anything-but": { prefix: "" } }] }, "Null prefix/suffix not allowed"],
    [{ source: [{ "anything-but": { suffix: ["a", ""] } }] }, "Null prefix/suffix not allowed"],
    [{ source: [{ "anything-but": { prefix: 5 } }] }, "prefix/suffix match pattern must be a string"],
    [
      { source: [{ "anything-but": { prefix: { "equals-ignore-case": "a" } } }] },
      "Value of anything-but must be an array or single string/number value.",
    ],
    [{ source: [{ wildcard: "a*a*a*a*a*a*" }] }, TOO_COMPLEX],
    [
      { "detail.x": { y: [{ "anything-but": { wildcard: ["*aab*aab*aab*", "*aac*aac*aac*aa*"] } }] } },
      TOO_COMPLEX,
    ],
    [{ source: [{ numeric: ["<", 5, ">", 1] }] }, 'Bad numeric range operator: ">"'],
  ])("a wrong pattern is refused: %j", async (pattern, reason) => {
    await expect(matches(pattern, {})).rejects.toMatchObject({
      code: "InvalidEventPatternException",
      message: `Event pattern is not valid. Reason: ${reason}`,
    });
  });
});

test("an entry that is wrong fails by itself, the others are taken", async () => {
  await rule();
  const good = { Source: "orders", DetailType: "T", Detail: "{}", EventBusName: "orders" };
  const reply = await call("PutEvents", {
    Entries: [
      good,
      { ...good, Detail: undefined },
      { ...good, Detail: "[1" },
      { ...good, Source: "aws.ivs" },
      { ...good, EventBusName: "nowhere" },
    ],
  });
  expect(reply["FailedEntryCount"]).toBe(3);
  expect(reply["Entries"]).toEqual([
    { EventId: expect.any(String) as string },
    {
      ErrorCode: "InvalidArgument",
      ErrorMessage: "Parameter Detail is not valid. Reason: Detail is a required argument.",
    },
    { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." },
    { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." },
    { EventId: expect.any(String) as string },
  ]);
  await clock.advance(0);
  expect(invoked).toHaveLength(1);
});

test("more than ten entries, or a megabyte, are refused", async () => {
  await expect(put(...Array<Shape>(11).fill({}))).rejects.toMatchObject({ code: "ValidationException" });
  await expect(put({ text: "x".repeat(1_048_576) })).rejects.toThrow(
    "Total size of the entries in the request is over the limit.",
  );
});

test("a function gets the whole event, later, in order, from the rule", async () => {
  await rule();
  await put({ n: 1 }, { n: 2 });
  await put({ n: 3 });
  expect(invoked).toEqual([]);
  await clock.advance(0);
  expect(payloads().map((payload) => (payload as { detail: Shape }).detail)).toEqual([
    { n: 1 },
    { n: 2 },
    { n: 3 },
  ]);
  expect(payloads()[0]).toEqual({
    version: "0",
    id: expect.any(String) as string,
    "detail-type": "OrderPlaced",
    source: "orders",
    account: "000000000000",
    time: "2026-01-01T09:00:00Z",
    region: "us-east-1",
    resources: [],
    detail: { n: 1 },
  });
  expect(invoked[0]?.caller).toEqual({
    kind: "service",
    principal: "events.amazonaws.com",
    sourceArn: "arn:aws:events:us-east-1:000000000000:rule/orders/wake",
  });
  expect(invoked[0]?.input["InvocationType"]).toBe("Event");
  expect(localAws.units["events:event"]).toBe(3);
});

test("an event of an AWS service comes to the rules of the default bus, free of charge", async () => {
  await rule({}, { EventBusName: undefined, EventPattern: { source: ["aws.states"] } });
  await rule();
  const event = {
    source: "aws.states",
    "detail-type": "Status",
    resources: ["arn"],
    detail: { status: "FAILED" },
  };
  await call("PutServiceEvent", event);
  await clock.advance(0);
  expect(payloads()).toMatchObject([event]);
  expect(localAws.units["events:event"]).toBeUndefined();
});

test.each([
  ["a part of the event", { InputPath: "$.detail.who" }, { name: "alice" }],
  ["a constant", { Input: '{"fixed":true}' }, { fixed: true }],
  [
    "a template",
    {
      InputTransformer: {
        InputPathsMap: { who: "$.detail.who", name: "$.detail.who.name", none: "$.detail.none" },
        InputTemplate:
          '{"who":<who>,"text":"hello <name>","none":<none>,"rule":"<aws.events.rule-name>","n":"<n>"}',
      },
    },
    { who: { name: "alice" }, text: "hello alice", none: "", rule: "wake", n: "<n>" },
  ],
])("a target can be given %s", async (_name, options, expected) => {
  await rule(options);
  await put({ who: { name: "alice" } });
  await clock.advance(0);
  expect(payloads()).toEqual([expected]);
});

test("a state machine is started as the target's role, and a bus hands the same event on", async () => {
  await create("AWS::Events::EventBus", { Name: "second" });
  const role = "arn:aws:iam::000000000000:role/events";
  await rule({ Arn: "arn:aws:events:us-east-1:000000000000:event-bus/second", RoleArn: role });
  await rule(
    { Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:call", RoleArn: role, InputPath: "$.detail" },
    { EventBusName: "second" },
  );
  await put({ orderId: "1" });
  await clock.advance(1);
  expect(started.map(({ input, caller }) => [input["stateMachineArn"], input["input"], caller])).toEqual([
    [
      "arn:aws:states:us-east-1:000000000000:stateMachine:call",
      '{"orderId":"1"}',
      { kind: "role", arn: role },
    ],
  ]);
  await expect(rule({ Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:call" })).rejects.toThrow(
    "RoleArn",
  );
});

test("a target that fails for a while is called again until it succeeds", async () => {
  await rule();
  lambdaFailure = new AwsError("ServiceException", "busy", 500);
  await put({ n: 1 });
  await clock.advance(10_000);
  expect(invoked.length).toBeGreaterThan(2);
  lambdaFailure = undefined;
  await clock.advance(600_000);
  const calls = invoked.length;
  await clock.advance(86_400_000);
  expect(invoked).toHaveLength(calls);
});

test("after the last attempt the event is in the dead-letter queue with the reason", async () => {
  const url = await deadLetterQueue();
  const dead = { DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" } };
  await rule({ ...dead, RetryPolicy: { MaximumRetryAttempts: 2 } });
  lambdaFailure = new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
  await put({ n: 1 });
  await clock.advance(60_000);
  expect(invoked).toHaveLength(3);
  expect(await deadLetters(url)).toMatchObject([
    {
      body: { detail: { n: 1 } },
      reason: {
        RULE_ARN: "arn:aws:events:us-east-1:000000000000:rule/orders/wake",
        TARGET_ARN: FUNCTION,
        ERROR_CODE: "THROTTLING",
        ERROR_MESSAGE: "Rate Exceeded.",
        EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
        RETRY_ATTEMPTS: "2",
      },
    },
  ]);
});

test("an event too old is given up, and a missing permission is not tried again", async () => {
  const url = await deadLetterQueue();
  const dead = { DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" } };
  await rule({ ...dead, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
  lambdaFailure = new AwsError("ServiceException", "busy", 500);
  await put({ n: 1 });
  await clock.advance(61_000);
  const [old] = await deadLetters(url);
  expect(old?.reason["EXHAUSTED_RETRY_CONDITION"]).toBe("MaximumEventAgeInSeconds");
  lambdaFailure = new AwsError("AccessDeniedException", "no", 403);
  invoked = [];
  await put({ n: 2 });
  await clock.advance(1);
  const [denied] = await deadLetters(url);
  expect(denied?.reason).toMatchObject({ ERROR_CODE: "NO_PERMISSIONS", RETRY_ATTEMPTS: "0" });
  expect(denied?.reason["EXHAUSTED_RETRY_CONDITION"]).toBeUndefined();
});

test("an archive keeps what matches its pattern, for its retention", async () => {
  const SourceArn = "arn:aws:events:us-east-1:000000000000:event-bus/orders";
  await create("AWS::Events::Archive", {
    ArchiveName: "kept",
    SourceArn,
    EventPattern: { detail: { n: [{ numeric: ["<", 3] }] } },
    RetentionDays: 1,
  });
  await put({ n: 1 }, { n: 2 }, { n: 3 });
  await clock.advance(0);
  expect(await call("DescribeArchive", { ArchiveName: "kept" })).toMatchObject({ EventCount: 2 });
  expect(localAws.units["events:archived-byte"]).toBeGreaterThan(2 * 100);
  await clock.advance(86_400_001);
  expect(await call("DescribeArchive", { ArchiveName: "kept" })).toMatchObject({ EventCount: 0 });
});

test("a target or a target property that is not served is refused by name", async () => {
  await expect(rule({ Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s" })).rejects.toThrow("kinesis");
  await expect(rule({ EcsParameters: {} })).rejects.toThrow("EcsParameters");
});

describe("a GraphQL API as a target", () => {
  const Arn = "arn:aws:appsync:us-east-1:000000000000:endpoints/graphql-api/id";
  const AppSyncParameters = { GraphQLOperation: "mutation ($n: Int) { tell(n: $n) { n } }" };

  test("is sent the operation, with what the template makes of the event as its variables", async () => {
    const asked: AwsCall[] = [];
    const run = (_input: Shape, asking: AwsCall) => (asked.push(asking), {});
    localAws.register({ name: "appsync", operations: { GraphQL: { permissions: () => [], run } } });
    const InputTransformer = { InputPathsMap: { detail: "$.detail" }, InputTemplate: '{"input":<detail>}' };
    await rule({ Arn, RoleArn: "role", AppSyncParameters, InputTransformer });
    await put({ n: 1, text: 'a "quoted" <word>' });
    await clock.advance(0);
    expect(asked).toMatchObject([
      {
        input: {
          endpointArn: Arn,
          query: AppSyncParameters.GraphQLOperation,
          variables: { input: { n: 1, text: 'a "quoted" <word>' } },
        },
        caller: { kind: "role", arn: "role" },
      },
    ]);
  });

  test("needs a role and an operation, and no other target has an operation", async () => {
    await expect(rule({ Arn, AppSyncParameters })).rejects.toThrow("RoleArn is required");
    await expect(rule({ Arn, RoleArn: "role" })).rejects.toThrow("GraphQLOperation");
    await expect(rule({ AppSyncParameters })).rejects.toThrow("GraphQLOperation");
  });
});
