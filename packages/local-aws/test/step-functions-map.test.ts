/** Map: iterations in the execution itself, and Map Runs with child executions. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const block = (states: Record<string, Shape>, config: Shape = {}): Shape => ({
  ProcessorConfig: { Mode: "INLINE", ...config },
  StartAt: Object.keys(states)[0],
  States: states,
});
const done: Shape = { Done: { Type: "Pass", End: true } };
const map = (fields: Shape, after: Record<string, Shape> = {}): Shape =>
  machineOf({
    Legs: { Type: "Map", ItemProcessor: block(done as Record<string, Shape>), End: true, ...fields },
    ...after,
  });

const outputOf = (execution: Shape): unknown => JSON.parse(String(execution["output"]));
const chainOf = async (arn: string): Promise<string[]> =>
  (await world.events(arn)).map(
    ({ id, type, previousEventId }) => `${String(id)} ${String(type)} ${String(previousEventId)}`,
  );

test("one iteration after the other: ids and previous ids as on AWS", async () => {
  const arn = await world.start(map({ Items: "{% ['a', 'b'] %}", MaxConcurrency: 1 }));
  expect(outputOf(await world.end(arn))).toEqual(["a", "b"]);
  expect(await chainOf(arn)).toEqual([
    "1 ExecutionStarted 0",
    "2 MapStateEntered 0",
    "3 MapStateStarted 2",
    "4 MapIterationStarted 3",
    "5 PassStateEntered 4",
    "6 PassStateExited 5",
    "7 MapIterationSucceeded 6",
    "8 MapIterationStarted 6",
    "9 PassStateEntered 8",
    "10 PassStateExited 9",
    "11 MapIterationSucceeded 10",
    "12 MapStateSucceeded 11",
    "13 MapStateExited 11",
    "14 ExecutionSucceeded 13",
  ]);
  const events = await world.events(arn);
  expect(events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
  expect(events[7]).toMatchObject({ mapIterationStartedEventDetails: { index: 1, name: "Legs" } });
});

test("an iteration that fails: the Map starts again for each retry and fails once", async () => {
  const fail = block({ No: { Type: "Fail", Error: "Gone", Cause: "left" } });
  const retry = [{ ErrorEquals: ["Gone"], IntervalSeconds: 1, MaxAttempts: 1 }];
  const arn = await world.start(map({ Items: [1], MaxConcurrency: 1, ItemProcessor: fail, Retry: retry }));
  expect(await world.end(arn)).toMatchObject({ status: "FAILED", error: "Gone", cause: "left" });
  expect(await chainOf(arn)).toEqual([
    "1 ExecutionStarted 0",
    "2 MapStateEntered 0",
    "3 MapStateStarted 2",
    "4 MapIterationStarted 3",
    "5 FailStateEntered 4",
    "6 MapIterationFailed 5",
    "7 MapStateStarted 5",
    "8 MapIterationStarted 7",
    "9 FailStateEntered 8",
    "10 MapIterationFailed 9",
    "11 MapStateFailed 9",
    "12 ExecutionFailed 11",
  ]);
});

test("Items that are no array fail in AWS's words, and a Catch sees it", async () => {
  const caught = [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "Caught" }];
  const after = { Caught: { Type: "Pass", End: true } };
  const arn = await world.start(map({ Items: "{% 1 %}", Catch: caught }, after));
  const { Cause: cause } = outputOf(await world.end(arn)) as Shape;
  expect(cause).toBe(
    "An error occurred while executing the state 'Legs' (entered at the event id #2). The JSONata expression '1' " +
      "specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
  );
  expect((await chainOf(arn)).slice(2, 5)).toEqual([
    "3 EvaluationFailed 0",
    "4 MapStateFailed 3",
    "5 MapStateExited 4",
  ]);
});

const START = { Type: "Pass", Output: "{% $states.input.items %}", Next: "Legs" };

test.each([1, "string", true, { foo: "bar" }, null])(
  "the input of a Map without Items is no array but %j",
  async (items) => {
    const { States } = map({ Items: undefined }) as { States: Shape };
    const machine = { QueryLanguage: "JSONata", StartAt: "Start", States: { Start: START, ...States } };
    const arn = await world.start(machine, { items });
    const cause =
      "An error occurred while executing the state 'Legs' (entered at the event id #4). " +
      `Map state input must be an array but was: ${JSON.stringify(items)}`;
    const error = "States.QueryEvaluationError";
    expect(await world.end(arn)).toMatchObject({ status: "FAILED", error, cause });
    const events = await world.events(arn);
    expect(events[4]?.["evaluationFailedEventDetails"]).toEqual({ error, cause, state: "Legs" });
    expect((await chainOf(arn)).slice(3)).toEqual([
      "4 MapStateEntered 3",
      "5 EvaluationFailed 3",
      "6 MapStateFailed 5",
      "7 ExecutionFailed 6",
    ]);
  },
);

test("the selector and the inner states read the item; variables stay inside", async () => {
  const inner = block({
    Say: {
      Type: "Pass",
      Assign: { mine: "{% $states.input.leg %}" },
      Next: "End",
    },
    End: { Type: "Pass", Output: "{% $outer & $mine & $states.context.Map.Item.Index %}", End: true },
  });
  const machine = machineOf({
    Set: { Type: "Pass", Assign: { outer: "leg " }, Next: "Legs" },
    Legs: {
      Type: "Map",
      Items: "{% $states.input.legs %}",
      ItemSelector: { leg: "{% $states.context.Map.Item.Value %}" },
      ItemProcessor: inner,
      End: true,
    },
  });
  expect(outputOf(await world.run(machine, { legs: ["a", "b"] }))).toEqual(["leg a0", "leg b1"]);
});

test("MaxConcurrency bounds what runs at once, and the first failure aborts the rest", async () => {
  const wait = block({ Wait: { Type: "Wait", Seconds: "{% $states.input %}", End: true } });
  const limited = await world.run(map({ Items: [4, 4, 4, 4], MaxConcurrency: 2, ItemProcessor: wait }));
  expect(Number(limited["stopDate"]) - Number(limited["startDate"])).toBe(8);

  const choose = block({
    Which: {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input = 0 %}", Next: "No" }],
      Default: "Wait",
    },
    No: { Type: "Fail", Error: "Gone" },
    Wait: { Type: "Wait", Seconds: 60, End: true },
  });
  const arn = await world.start(map({ Items: [1, 0], ItemProcessor: choose }));
  await world.end(arn);
  const types = (await world.events(arn)).map(({ type }) => type);
  expect(types.slice(-5)).toEqual([
    "MapIterationFailed",
    "WaitStateAborted",
    "MapIterationAborted",
    "MapStateFailed",
    "ExecutionFailed",
  ]);
});

const distributed = (fields: Shape, states: Record<string, Shape>, type = "STANDARD"): Shape =>
  map({
    Label: "legs",
    ItemProcessor: block(states, { Mode: "DISTRIBUTED", ExecutionType: type }),
    ...fields,
  });

async function onlyMapRun(executionArn: string): Promise<Shape> {
  const { mapRuns } = await world.states("ListMapRuns", { executionArn });
  expect(mapRuns).toHaveLength(1);
  return (mapRuns as Shape[])[0] ?? {};
}

test("a Map Run has child executions that can be listed, and counts", async () => {
  const arn = await world.start(distributed({ Items: [1, 2] }, done as Record<string, Shape>));
  expect(outputOf(await world.end(arn))).toEqual([1, 2]);
  expect(await chainOf(arn)).toEqual([
    "1 ExecutionStarted 0",
    "2 MapStateEntered 0",
    "3 MapStateStarted 2",
    "4 MapRunStarted 3",
    "5 MapRunSucceeded 4",
    "6 MapStateSucceeded 5",
    "7 MapStateExited 5",
    "8 ExecutionSucceeded 7",
  ]);
  const { mapRunArn, stateMachineArn } = await onlyMapRun(arn);
  expect(mapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:machine-1\/legs:.{36}$/);
  expect(stateMachineArn).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:machine-1/legs");
  const counts = { succeeded: 2, failed: 0, pending: 0, total: 2, resultsWritten: 2 };
  expect(await world.states("DescribeMapRun", { mapRunArn })).toMatchObject({
    executionArn: arn,
    status: "SUCCEEDED",
    maxConcurrency: 0,
    toleratedFailureCount: 0,
    toleratedFailurePercentage: 0,
    itemCounts: counts,
    executionCounts: counts,
  });
  const { executions } = await world.states("ListExecutions", { mapRunArn });
  expect(executions).toMatchObject([{ mapRunArn, itemCount: 1 }, { mapRunArn }]);
  const [child] = executions as Shape[];
  expect(await world.states("DescribeExecution", { executionArn: child?.["executionArn"] })).toMatchObject({
    status: "SUCCEEDED",
    mapRunArn,
  });
});

test("batches share their input, and outer variables are out of reach", async () => {
  const batcher = { MaxItemsPerBatch: 2, BatchInput: { call: "{% $states.input.call %}" } };
  const machine = distributed(
    { Items: "{% $states.input.legs %}", ItemBatcher: batcher },
    done as Record<string, Shape>,
    "EXPRESS",
  );
  expect(outputOf(await world.run(machine, { call: "c", legs: [1, 2, 3] }))).toEqual([
    { BatchInput: { call: "c" }, Items: [1, 2] },
    { BatchInput: { call: "c" }, Items: [3] },
  ]);
});

test("a Map Run fails once more items fail than are tolerated, and a redrive runs only those again", async () => {
  let isRepaired = false;
  world.fake("lambda", "Invoke", ({ Payload }) =>
    Payload === 2 && !isRepaired
      ? { StatusCode: 200, FunctionError: "Unhandled", Payload: { errorType: "Broken", errorMessage: "no" } }
      : { StatusCode: 200, Payload },
  );
  const call = {
    Call: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:000000000000:function:leg",
      End: true,
    },
  };
  const tolerant = await world.run(distributed({ Items: [1, 2], ToleratedFailureCount: 1 }, call));
  expect(outputOf(tolerant)).toEqual([1]);

  const arn = await world.start(distributed({ Items: [1, 2], MaxConcurrency: 1 }, call));
  expect(await world.end(arn)).toMatchObject({
    status: "FAILED",
    error: "States.ExceedToleratedFailureThreshold",
    cause: "The specified tolerated failure threshold was exceeded",
  });
  isRepaired = true;
  const callsBefore = world.calls.length;
  await world.states("RedriveExecution", { executionArn: arn });
  await world.clock.settle();
  const described = await world.states("DescribeExecution", { executionArn: arn });
  expect([described["status"], described["redriveCount"], described["output"]]).toEqual([
    "SUCCEEDED",
    1,
    "[1,2]",
  ]);
  expect(world.calls.length - callsBefore).toBe(1);
  const { mapRunArn } = await onlyMapRun(arn);
  const redriven = await world.states("ListExecutions", { mapRunArn, redriveFilter: "REDRIVEN" });
  expect(redriven["executions"]).toHaveLength(1);
});

test("children of an earlier Map Run are still found when the same label has run again", async () => {
  const stateMachineArn = await world.create(distributed({ Items: [1] }, done as Record<string, Shape>));
  const childOf = async (): Promise<unknown> => {
    const { executionArn } = await world.states("StartExecution", { stateMachineArn });
    await world.end(String(executionArn));
    const { mapRunArn } = await onlyMapRun(String(executionArn));
    const { executions } = await world.states("ListExecutions", { mapRunArn });
    return (executions as Shape[])[0]?.["executionArn"];
  };
  const first = await childOf();
  const second = await childOf();
  for (const executionArn of [first, second]) {
    expect(await world.states("DescribeExecution", { executionArn })).toMatchObject({ executionArn });
  }
});

test("MaxConcurrency is read before the Map has started", async () => {
  const arn = await world.start(map({ Items: [1], MaxConcurrency: "{% 'two' %}" }));
  expect(await world.end(arn)).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  expect(await chainOf(arn)).toEqual([
    "1 ExecutionStarted 0",
    "2 MapStateEntered 0",
    "3 EvaluationFailed 0",
    "4 MapStateFailed 3",
    "5 ExecutionFailed 4",
  ]);
});
