/** The local Step Functions: time, task tokens, errors, and its operations. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { AwsError, type Shape } from "../src/local-aws.ts";
import { ROLE, machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const INVOKE = "arn:aws:states:::lambda:invoke";
const WAIT_ON_ITEM = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken";
const TOKEN = "{% $states.context.Task.Token %}";

const task = (fields: Shape = {}): Shape => ({
  Type: "Task",
  Resource: INVOKE,
  Arguments: { FunctionName: "send-push" },
  End: true,
  ...fields,
});

const waitOnItem = (fields: Shape = {}): Shape =>
  task({ Resource: WAIT_ON_ITEM, Arguments: { TableName: "orders", Token: TOKEN }, ...fields });

const pass = (fields: Shape): Shape => machineOf({ Pass: { Type: "Pass", End: true, ...fields } });

const outputOf = (execution: Shape): unknown => JSON.parse(String(execution["output"]));

const lastToken = (): string => String(world.calls.at(-1)?.input["Token"]);

const typesOf = async (arn: string): Promise<unknown[]> => (await world.events(arn)).map(({ type }) => type);

/** A function that throws `errorType` each time; the reply says when it was invoked, in seconds. */
function failingFunction(errorType: string): number[] {
  const invokedAt: number[] = [];
  const start = world.clock.now();
  world.fake("lambda", "Invoke", () => {
    invokedAt.push((world.clock.now() - start) / 1000);
    return { StatusCode: 200, FunctionError: "Unhandled", Payload: { errorType, errorMessage: "no" } };
  });
  return invokedAt;
}

test("the waits between retries grow by the backoff rate up to the longest delay", async () => {
  const invokedAt = failingFunction("Busy");
  const retry = {
    ErrorEquals: ["Busy"],
    IntervalSeconds: 2,
    BackoffRate: 3,
    MaxAttempts: 4,
    MaxDelaySeconds: 20,
  };
  const ended = await world.run(machineOf({ Push: task({ Retry: [retry] }) }));
  expect(invokedAt).toEqual([0, 2, 8, 26, 46]);
  expect(ended).toMatchObject({
    status: "FAILED",
    error: "Busy",
    cause: '{"errorType":"Busy","errorMessage":"no"}',
  });
  expect(world.localAws.units["states:transition"]).toBe(5);
});

test("full jitter never waits longer than the backoff says", async () => {
  const invokedAt = failingFunction("Busy");
  const retry = { ErrorEquals: ["States.ALL"], IntervalSeconds: 10, MaxAttempts: 2, JitterStrategy: "FULL" };
  await world.run(machineOf({ Push: task({ Retry: [retry] }) }));
  const [first = 0, second = 0, third = 0] = invokedAt;
  expect(second - first).toBeLessThan(10);
  expect(third - second).toBeLessThan(20);
  expect(invokedAt).toHaveLength(3);
});

test("each retrier counts for itself, and only errors that it names are retried", async () => {
  const invokedAt = failingFunction("Gone");
  const retry = [
    { ErrorEquals: ["Busy"], MaxAttempts: 5 },
    { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 1, MaxAttempts: 1 },
  ];
  const fallback = { Type: "Succeed", Output: "{% $states.input.Error %}" };
  const caught = [{ ErrorEquals: ["Gone"], Next: "Fallback" }];
  const ended = await world.run(
    machineOf({ Push: task({ Retry: retry, Catch: caught }), Fallback: fallback }),
  );
  expect(invokedAt).toEqual([0, 1]);
  expect(outputOf(ended)).toBe("Gone");
});

test("States.TaskFailed does not catch a timeout, States.ALL does", async () => {
  world.fake("dynamodb", "UpdateItem", () => ({}));
  const caught = [
    { ErrorEquals: ["States.TaskFailed"], Next: "Failed" },
    { ErrorEquals: ["States.ALL"], Next: "Missed" },
  ];
  const wait = waitOnItem({ TimeoutSeconds: "{% 5 * $states.input.n %}", Catch: caught });
  const ended = await world.run(
    machineOf({ Asking: wait, Failed: { Type: "Fail" }, Missed: { Type: "Succeed" } }),
    { n: 9 },
  );
  expect(outputOf(ended)).toEqual({ Error: "States.Timeout", Cause: "" });
  expect(Number(ended["stopDate"]) - Number(ended["startDate"])).toBe(45);
});

test("a token that is answered before the call returns counts after TaskSubmitted", async () => {
  world.fake("dynamodb", "UpdateItem", async ({ Token }) => {
    await world.states("SendTaskSuccess", { taskToken: Token, output: '{"woken":true}' });
    return {};
  });
  const arn = await world.start(machineOf({ Asking: waitOnItem() }));
  expect(outputOf(await world.end(arn))).toEqual({ woken: true });
  expect((await typesOf(arn)).slice(2, 6)).toEqual([
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
    "TaskSucceeded",
  ]);
  expect(world.calls[0]?.caller).toEqual({ kind: "role", arn: ROLE });
});

test("a token is dead after its answer, after its timeout, and if it was never given", async () => {
  world.fake("dynamodb", "UpdateItem", () => ({}));
  const send = (taskToken: string): Promise<Shape> =>
    world.states("SendTaskSuccess", { taskToken, output: "{}" });
  const dead = { code: "TaskTimedOut", message: "Task Timed Out: 'Provided task does not exist anymore'" };

  const answered = await world.start(machineOf({ Asking: waitOnItem({ TimeoutSeconds: 30 }) }));
  await world.clock.settle();
  await expect(
    world.states("SendTaskSuccess", { taskToken: lastToken(), output: "{" }),
  ).rejects.toMatchObject({
    code: "InvalidOutput",
  });
  await send(lastToken());
  await expect(send(lastToken())).rejects.toMatchObject(dead);
  expect(await world.end(answered)).toMatchObject({ status: "SUCCEEDED" });

  await world.run(machineOf({ Asking: waitOnItem({ TimeoutSeconds: 30 }) }));
  await expect(send(lastToken())).rejects.toMatchObject(dead);
  await expect(send("nonsense")).rejects.toMatchObject({ code: "InvalidToken" });
  const other = openTokenOfUnknownExecution(lastToken());
  await expect(send(other)).rejects.toMatchObject({ code: "TaskDoesNotExist" });
});

/** The same kind of token for an execution that this account does not have. */
function openTokenOfUnknownExecution(token: string): string {
  const prefix = token.slice(0, token.indexOf("WyJhcm4"));
  const arn = "arn:aws:states:us-east-1:000000000000:execution:other:none";
  return prefix + Buffer.from(JSON.stringify([arn, "x"])).toString("base64url");
}

test("heartbeats keep a task alive until its timeout", async () => {
  world.fake("dynamodb", "UpdateItem", () => ({}));
  const wait = waitOnItem({ HeartbeatSeconds: 10, TimeoutSeconds: 25 });
  const arn = await world.start(machineOf({ Asking: wait }));
  for (const _ of [1, 2]) {
    await world.clock.advance(9000);
    await world.states("SendTaskHeartbeat", { taskToken: lastToken() });
  }
  const kept = await world.end(arn);
  expect(Number(kept["stopDate"]) - Number(kept["startDate"])).toBe(25);

  const silent = await world.run(machineOf({ Asking: wait }));
  expect(silent).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  expect(Number(silent["stopDate"]) - Number(silent["startDate"])).toBe(10);
});

test("SendTaskFailure fails the task with its error and cause", async () => {
  world.fake("dynamodb", "UpdateItem", () => ({}));
  const arn = await world.start(machineOf({ Asking: waitOnItem() }));
  await world.clock.settle();
  await world.states("SendTaskFailure", { taskToken: lastToken(), error: "Declined", cause: "by customer" });
  expect(await world.end(arn)).toMatchObject({ status: "FAILED", error: "Declined", cause: "by customer" });
});

test("a failed condition of DynamoDB has the name and the cause that Catch sees on AWS", async () => {
  world.fake("dynamodb", "UpdateItem", () => {
    throw new AwsError("ConditionalCheckFailedException", "The conditional request failed");
  });
  const caught = [{ ErrorEquals: ["DynamoDb.ConditionalCheckFailedException"], Next: "Read again" }];
  const ended = await world.run(
    machineOf({ Asking: waitOnItem({ Catch: caught }), "Read again": { Type: "Succeed" } }),
  );
  const { Error: error, Cause: cause } = outputOf(ended) as Shape;
  expect(error).toBe("DynamoDb.ConditionalCheckFailedException");
  expect(cause).toMatch(
    /^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: .+\)$/,
  );
});

test("errors that a service's model does not have carry the name of the service's exception", async () => {
  world.fake("dynamodb", "UpdateItem", () => {
    throw new AwsError("AccessDeniedException", "not authorized");
  });
  expect(await world.run(machineOf({ Asking: waitOnItem() }))).toMatchObject({
    error: "DynamoDb.DynamoDbException",
  });
});

test("events:putEvents turns details into text and adds the ARNs; a refused entry fails the task", async () => {
  let refused = 0;
  world.fake("events", "PutEvents", () => ({ Entries: [{ EventId: "e-1" }], FailedEntryCount: refused }));
  const machine = machineOf({
    Announce: task({
      Resource: "arn:aws:states:::events:putEvents",
      Arguments: {
        Entries: [{ Detail: { orderId: "{% $states.input.orderId %}" }, DetailType: "OrderClosed" }],
      },
    }),
  });
  const ended = await world.run(machine, { orderId: "c-1" });
  const { executionArn, stateMachineArn } = ended;
  expect(outputOf(ended)).toEqual({ Entries: [{ EventId: "e-1" }], FailedEntryCount: 0 });
  expect(world.calls[0]?.input).toEqual({
    Entries: [
      { Detail: '{"orderId":"c-1"}', DetailType: "OrderClosed", Resources: [stateMachineArn, executionArn] },
    ],
  });
  refused = 1;
  expect(await world.run(machine, { orderId: "c-1" })).toMatchObject({ error: "EventBridge.FailedEntry" });
});

test("a state machine starts another one and goes on with its ARN", async () => {
  const child = await world.create(pass({}), "child");
  const start = (resource: string): Shape =>
    machineOf({
      Start: task({
        Resource: resource,
        Arguments: { StateMachineArn: child, Name: "{% $states.context.Execution.Name %}", Input: "{}" },
        Output: "{% $states.result.ExecutionArn %}",
      }),
    });
  for (const resource of [
    "arn:aws:states:::states:startExecution",
    "arn:aws:states:::aws-sdk:sfn:startExecution",
  ]) {
    const ended = await world.run(start(resource));
    expect(outputOf(ended)).toBe(
      `arn:aws:states:us-east-1:000000000000:execution:child:${String(ended["name"])}`,
    );
  }
});

test("Assign and Output read the values of the state's entry; variables last", async () => {
  const machine = machineOf({
    First: { Type: "Pass", Assign: { x: 3, a: 6 }, Next: "Second" },
    Second: {
      Type: "Pass",
      Assign: { x: "{% $a %}", nextX: "{% $x %}" },
      Output: { x: "{% $x %}" },
      Next: "Third",
    },
    Third: { Type: "Pass", Output: "{% [$states.input.x, $x, $nextX] %}", End: true },
  });
  expect(outputOf(await world.run(machine))).toEqual([3, 6, 3]);
});

test("branches read outer variables, keep their own, and give their outputs in order", async () => {
  const branch = (name: string, seconds: number): Shape =>
    machineOf({
      [`Wait ${name}`]: { Type: "Wait", Seconds: seconds, Assign: { mine: name }, Next: `Say ${name}` },
      [`Say ${name}`]: { Type: "Pass", Output: "{% $outer & $mine %}", End: true },
    });
  const branches = [branch("a", 5), branch("b", 1)].map(({ StartAt, States }) => ({ StartAt, States }));
  const machine = machineOf({
    Set: { Type: "Pass", Assign: { outer: "call " }, Next: "Both" },
    Both: { Type: "Parallel", Branches: branches, End: true },
  });
  expect(outputOf(await world.run(machine))).toEqual(["call a", "call b"]);
});

test("the functions that Step Functions adds to JSONata", async () => {
  const output = {
    partition: "{% $partition([1,2,3,4,5], 2) %}",
    range: "{% $range(0, 10, 5) %}",
    hash: "{% $hash('call', 'SHA-256') %}",
    same: "{% $random(7) = $random(7) %}",
    uuid: "{% $length($uuid()) %}",
    parse: `{% $parse('{"a":[1]}').a[0] %}`,
    now: "{% $now() %}",
  };
  expect(outputOf(await world.run(pass({ Output: output })))).toEqual({
    partition: [[1, 2], [3, 4], [5]],
    range: [0, 5, 10],
    hash: "7edb360f06acaef2cc80dba16cf563f199d347db4443da04da0c8173e3f9e4ed",
    same: true,
    uuid: 36,
    parse: 1,
    now: "2026-01-01T09:00:00.000Z",
  });
});

test("failed expressions name the field, the code and the type that was expected", async () => {
  const causeOf = async (definition: Shape): Promise<unknown> => (await world.run(definition))["cause"];
  expect(await causeOf(pass({ Output: { sum: ["{% 2 + 'x' %}"] } }))).toBe(
    "An error occurred while executing the state 'Pass' (entered at the event id #2). The JSONata expression " +
      "'2 + 'x'' specified for the field 'Output/sum[0]' threw an error during evaluation. " +
      'T2002: The right side of the "+" operator must evaluate to a number',
  );
  const choice = { Type: "Choice", Choices: [{ Condition: "{% 'yes' %}", Next: "End" }] };
  expect(await causeOf(machineOf({ Ask: choice, End: { Type: "Succeed" } }))).toContain(
    "'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: \"yes\"",
  );
  expect(await causeOf(pass({ Output: "{% $eval('1') %}" }))).toContain("T1006");
  expect(await causeOf(pass({ Output: "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}" }))).toContain(
    "Expression evaluation timeout",
  );
});

test("a Choice without a rule that holds and without Default ends the execution", async () => {
  const choice = { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }] };
  const ended = await world.run(machineOf({ Ask: choice, End: { Type: "Succeed" } }));
  expect(ended).toMatchObject({ status: "FAILED", error: "States.Runtime" });
});

test("a result above 256 KiB fails the task, and States.TaskFailed does not mean it", async () => {
  world.fake("lambda", "Invoke", () => ({ StatusCode: 200, Payload: "x".repeat(256 * 1024) }));
  const machine = (name: string): Shape =>
    machineOf({ Big: task({ Catch: [{ ErrorEquals: [name], Next: "End" }] }), End: { Type: "Succeed" } });
  expect(await world.run(machine("States.TaskFailed"))).toMatchObject({ error: "States.DataLimitExceeded" });
  expect(await world.run(machine("States.ALL"))).toMatchObject({ status: "SUCCEEDED" });
  expect(await world.run(machine("States.DataLimitExceeded"))).toMatchObject({ status: "SUCCEEDED" });
});

test("event 25,000 ends an execution that would loop for ever", async () => {
  const loop = { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "Loop" }] };
  const arn = await world.start(machineOf({ Loop: loop }));
  expect(await world.end(arn)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  const { events } = await world.states("GetExecutionHistory", {
    executionArn: arn,
    reverseOrder: true,
    maxResults: 1,
  });
  expect(events).toMatchObject([{ id: 25_000, previousEventId: 24_999, type: "ExecutionFailed" }]);
});

test("StopExecution ends a waiting execution, kills its token, and tells the default bus", async () => {
  const statuses: unknown[] = [];
  world.fake("dynamodb", "UpdateItem", () => ({}));
  world.fake("events", "PutServiceEvent", ({ detail, ...event }) => {
    statuses.push((detail as Shape)["status"]);
    expect(event).toMatchObject({
      source: "aws.states",
      resources: [expect.stringContaining(":execution:")],
    });
    return {};
  });
  const executionArn = await world.start(machineOf({ Asking: waitOnItem({ TimeoutSeconds: 30 }) }));
  await world.clock.settle();
  const taskToken = String(world.calls.find(({ service }) => service === "dynamodb")?.input["Token"]);
  await world.states("StopExecution", { executionArn, error: "Manual", cause: "probe" });
  await expect(world.states("SendTaskSuccess", { taskToken, output: "{}" })).rejects.toMatchObject({
    code: "TaskTimedOut",
  });
  await world.clock.advance(60_000);
  expect(await world.end(executionArn)).toMatchObject({ status: "ABORTED", error: "Manual", cause: "probe" });
  expect((await world.events(executionArn)).at(-1)).toMatchObject({
    type: "ExecutionAborted",
    previousEventId: 0,
  });
  expect(statuses).toEqual(["RUNNING", "ABORTED"]);
});

test("an execution with a timeout ends at it, and only its history says States.Timeout", async () => {
  const wait = { Type: "Wait", Seconds: 25, End: true };
  const arn = await world.start({ ...machineOf({ Wait: wait }), TimeoutSeconds: 3 });
  const ended = await world.end(arn);
  expect(ended).toMatchObject({ status: "TIMED_OUT" });
  expect(ended).not.toHaveProperty("error");
  expect(Number(ended["stopDate"]) - Number(ended["startDate"])).toBe(3);
});

test("a Wait of months ends at its time, and a time that has passed is no wait", async () => {
  const seconds = 90 * 24 * 3600;
  const arn = await world.start(machineOf({ Wait: { Type: "Wait", Seconds: seconds, End: true } }));
  await world.clock.advance(seconds * 1000 - 1);
  expect(await world.states("DescribeExecution", { executionArn: arn })).toMatchObject({ status: "RUNNING" });
  await world.clock.advance(1);
  expect(await world.states("DescribeExecution", { executionArn: arn })).toMatchObject({
    status: "SUCCEEDED",
  });
  const withoutOffset = { Type: "Wait", Timestamp: "2020-01-01T00:00:00", End: true };
  expect((await world.run(machineOf({ Wait: withoutOffset })))["cause"]).toContain("offset date-time format");
  const past = { Type: "Wait", Timestamp: "2020-01-01T00:00:00Z", End: true };
  expect(await world.run(machineOf({ Wait: past }))).toMatchObject({ status: "SUCCEEDED" });
});

test("executions are listed newest first, by status, and in pages that survive new starts", async () => {
  const stateMachineArn = await world.create(machineOf({ Wait: { Type: "Wait", Seconds: 9, End: true } }));
  for (const name of ["a", "b", "c"]) await world.states("StartExecution", { stateMachineArn, name });
  await world.states("StopExecution", {
    executionArn: `${stateMachineArn.replace(":stateMachine:", ":execution:")}:b`,
  });
  const list = async (input: Shape) => {
    const { executions, nextToken } = await world.states("ListExecutions", { stateMachineArn, ...input });
    return { names: (executions as Shape[]).map(({ name }) => name), nextToken };
  };
  expect((await list({ statusFilter: "RUNNING" })).names).toEqual(["c", "a"]);
  const { names, nextToken } = await list({ maxResults: 2 });
  await world.states("StartExecution", { stateMachineArn, name: "d" });
  expect([names, (await list({ maxResults: 2, nextToken })).names]).toEqual([["c", "b"], ["a"]]);
});

test("a history comes in pages, in either order, and without its data on request", async () => {
  const executionArn = await world.start(pass({ Output: { a: 1 } }), { secret: 1 });
  await world.end(executionArn);
  const read = (input: Shape): Promise<Shape> =>
    world.states("GetExecutionHistory", { executionArn, ...input });
  const first = await read({ maxResults: 3 });
  const second = await read({ maxResults: 3, nextToken: first["nextToken"] });
  const ids = [first, second].map(({ events }) => (events as Shape[]).map(({ id }) => id));
  expect([...ids, second["nextToken"]]).toEqual([[1, 2, 3], [4], undefined]);
  expect(JSON.stringify(await read({ includeExecutionData: false }))).not.toContain("secret");
  await expect(read({ nextToken: "bm9uZQ==" })).rejects.toMatchObject({ code: "InvalidToken" });
});

test("wrong names, inputs and ARNs are refused in AWS's words", async () => {
  const stateMachineArn = await world.create(pass({}));
  const start = (input: Shape): Promise<Shape> =>
    world.states("StartExecution", { stateMachineArn, ...input });
  await expect(start({ name: "a b" })).rejects.toMatchObject({
    code: "InvalidName",
    message: "Invalid Name: 'a b'",
  });
  await expect(start({ input: "{" })).rejects.toMatchObject({ code: "InvalidExecutionInput" });
  await expect(start({ stateMachineArn: "call" })).rejects.toMatchObject({ code: "InvalidArn" });
  const missing = `${stateMachineArn}-2`;
  await expect(start({ stateMachineArn: missing })).rejects.toMatchObject({
    code: "StateMachineDoesNotExist",
    message: `State Machine Does Not Exist: '${missing}'`,
  });
});

test("StartExecution refuses a burst above 1,300 and takes 300 more a second", async () => {
  const stateMachineArn = await world.create(pass({}));
  const burst = async (count: number): Promise<number> => {
    const starts = Array.from({ length: count }, () => world.states("StartExecution", { stateMachineArn }));
    return (await Promise.allSettled(starts)).filter(({ status }) => status === "fulfilled").length;
  };
  expect(await burst(1400)).toBe(1300);
  await world.clock.advance(1000);
  expect(await burst(400)).toBe(300);
});

test("answering a token asks IAM about the state machine of the token", async () => {
  world.fake("dynamodb", "UpdateItem", () => ({}));
  await world.start(machineOf({ Asking: waitOnItem() }));
  await world.clock.settle();
  const [states] = world.localAws.services();
  expect(states?.operations["SendTaskSuccess"]?.permissions({ taskToken: lastToken() })).toEqual([
    {
      action: "states:SendTaskSuccess",
      resource: "arn:aws:states:us-east-1:000000000000:stateMachine:machine-1",
    },
  ]);
});
