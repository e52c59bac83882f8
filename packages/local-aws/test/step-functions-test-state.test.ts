/** TestState: one state, with or without a mock. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { ROLE, machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const testState = (state: Shape, request: Shape = {}): Promise<Shape> =>
  world.states("TestState", {
    definition: JSON.stringify({ QueryLanguage: "JSONata", ...state }),
    ...request,
  });

const invoke = (fields: Shape = {}): Shape => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "foo", Payload: "bar" },
  Next: "After",
  ...fields,
});
const mapOf = (fields: Shape): Shape => ({
  Type: "Map",
  Items: "{% $states.input.Values %}",
  ItemProcessor: { StartAt: "P", States: { P: { Type: "Pass", End: true } } },
  End: true,
  ...fields,
});
const failing = { errorOutput: { error: "Gone", cause: "left" } };
const DEBUG = { inspectionLevel: "DEBUG" };

test("a Pass shows its output, and its input and variables on DEBUG", async () => {
  const state = { Type: "Pass", Output: "{% $n + 1 %}", Assign: { m: 2 }, Next: "After" };
  const request = { input: '{"a": 1}', variables: '{"n": 6}' };
  expect(await testState(state, request)).toEqual({ output: "7", nextState: "After", status: "SUCCEEDED" });
  expect(await testState(state, { ...request, ...DEBUG })).toEqual({
    output: "7",
    nextState: "After",
    status: "SUCCEEDED",
    inspectionData: { input: '{"a": 1}', variables: '{"n":6,"m":2}' },
  });
});

test("a Task with a mock shows its arguments and the mocked result, letter by letter", async () => {
  const mock = { result: '{"Payload": [1, 2]}' };
  expect(await testState(invoke(), { mock, ...DEBUG })).toEqual({
    output: '{"Payload": [1, 2]}',
    nextState: "After",
    status: "SUCCEEDED",
    inspectionData: {
      input: "{}",
      afterArguments: '{"FunctionName":"foo","Payload":"bar"}',
      result: '{"Payload": [1, 2]}',
    },
  });
});

test("a Task without a mock makes its call with the role", async () => {
  world.fake("lambda", "Invoke", () => ({ StatusCode: 200, Payload: "hi" }));
  const state = invoke({ Output: "{% $states.result.Payload %}" });
  await expect(testState(state)).rejects.toMatchObject({
    message: "RoleArn must be specified when testing a Task state",
  });
  const reply = await testState(state, { roleArn: ROLE, ...DEBUG });
  expect(reply).toMatchObject({
    output: '"hi"',
    inspectionData: { afterArguments: '{"FunctionName":"foo","Payload":"bar"}' },
  });
  expect(world.calls[0]?.caller).toEqual({ kind: "role", arn: ROLE });
});

test("an error is retried while its retrier has attempts left, then caught", async () => {
  const state = invoke({
    Retry: [{ ErrorEquals: ["Gone"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }],
    Catch: [
      { ErrorEquals: ["Other"], Next: "No" },
      { ErrorEquals: ["States.ALL"], Output: "{% $states.errorOutput.Cause %}", Next: "Caught" },
    ],
  });
  const inspection = async (retrierRetryCount: number): Promise<Shape> =>
    testState(state, { mock: failing, stateConfiguration: { retrierRetryCount }, ...DEBUG });
  expect(await inspection(1)).toMatchObject({
    status: "RETRIABLE",
    error: "Gone",
    inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 6 } },
  });
  expect(await inspection(2)).toMatchObject({
    status: "CAUGHT_ERROR",
    nextState: "Caught",
    output: '"left"',
    inspectionData: { errorDetails: { catchIndex: 1 } },
  });
  expect(await testState(invoke(), { mock: failing })).toEqual({
    status: "FAILED",
    error: "Gone",
    cause: "left",
  });
});

test("a Map shows its limits, and fails above what it tolerates", async () => {
  const input = '{"Values": ["first", "second"]}';
  const request = { input, mock: { result: "[1, 1]" }, ...DEBUG };
  expect(await testState(mapOf({}), request)).toEqual({
    output: "[1, 1]",
    status: "SUCCEEDED",
    inspectionData: { input, maxConcurrency: 0 },
  });
  const stateConfiguration = { mapIterationFailureCount: 2 };
  const exceeded = await testState(mapOf({ ToleratedFailureCount: 1 }), { ...request, stateConfiguration });
  expect(exceeded).toEqual({
    status: "FAILED",
    error: "States.ExceedToleratedFailureThreshold",
    cause: "The specified tolerated failure threshold was exceeded",
    inspectionData: { input, maxConcurrency: 0, toleratedFailureCount: 1 },
  });
});

test("a state of a whole definition is found by its name, and reads the mocked context", async () => {
  const definition = JSON.stringify(
    machineOf({
      A: { Type: "Pass", Next: "B" },
      B: { Type: "Pass", Output: "{% $states.context.Execution.Name %}", End: true },
    }),
  );
  const context = '{"Execution":{"Name":"e-1"}}';
  const found = await world.states("TestState", { definition, stateName: "B", context });
  expect(found).toEqual({ output: '"e-1"', status: "SUCCEEDED" });
  await expect(world.states("TestState", { definition, stateName: "C" })).rejects.toMatchObject({
    message: "State not found in definition",
  });
});

const wait = { Type: "Pass", End: true };
test.each<[string, Shape, Shape, string]>([
  [
    "a mock for a Pass",
    wait,
    { mock: failing },
    "State type 'Pass' is not supported when a mock is specified",
  ],
  ["a Map without a mock", mapOf({}), {}, "TestState API does not support Map or Parallel states."],
  ["a result that is no array", mapOf({}), { mock: { result: "{}" } }, "Mocked result must be an array."],
  [
    "a result and an error",
    invoke(),
    { mock: { ...failing, result: "{}" } },
    "A test mock should have only one of the following fields: [result, errorOutput].",
  ],
  [
    "a result of the wrong type",
    invoke(),
    { mock: { result: '{"StatusCode":"200"}' } },
    "Mock result schema validation error: Field 'StatusCode' must be a number",
  ],
  [
    "an unknown member of the context",
    wait,
    { context: '{"Execution":{"pokemon":1}}' },
    "Invalid Context object provided: Field 'pokemon' is not allowed",
  ],
  [
    "a task token where none can be",
    invoke(),
    { mock: failing, context: '{"Task":{"Token":"t"}}' },
    "Invalid Context object provided: Context object contains 'Task' when state is not a Task state",
  ],
])("%s is refused in AWS's words", async (_, state, request, message) => {
  await expect(testState(state, request)).rejects.toMatchObject({
    message: expect.stringContaining(message),
  });
});
