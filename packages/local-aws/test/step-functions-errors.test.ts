/** The local Step Functions: what is no value, what fails a task, and requests that are refused. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const task = (fields: Shape = {}): Shape => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "send-push" },
  End: true,
  ...fields,
});
const pass = (fields: Shape): Shape => machineOf({ Pass: { Type: "Pass", End: true, ...fields } });
const outputOf = (execution: Shape): unknown => JSON.parse(String(execution["output"]));

test("a function that names no error type fails the task in AWS's words", async () => {
  const payload = { errorMessage: "Task timed out after 3.00 seconds" };
  world.fake("lambda", "Invoke", () => ({ StatusCode: 200, FunctionError: "Unhandled", Payload: payload }));
  expect(await world.run(machineOf({ Ask: task({}) }))).toMatchObject({
    error: "Lambda.Unknown",
    cause:
      "The cause could not be determined because Lambda did not return an error type. " +
      'Returned payload: {"errorMessage":"Task timed out after 3.00 seconds"}',
  });
});

test("a Fail names its error with a string, and the arguments of an API are an object", async () => {
  const fail = await world.run(machineOf({ No: { Type: "Fail", Error: "{% 404 %}" } }));
  expect(fail).toMatchObject({ error: "States.QueryEvaluationError" });
  expect(fail["cause"]).toContain("'Error' returned an unexpected result type. Expected 'string'");
  const list = await world.run(machineOf({ Ask: task({ Arguments: "{% [1] %}" }) }));
  expect(list["cause"]).toContain("'Arguments' returned an unexpected result type. Expected 'object'");
});

test("a function of JSONata is no value", async () => {
  const only = await world.run(pass({ Output: "{% function($call) { $call } %}" }));
  expect(only["cause"]).toContain("returned nothing (undefined)");
  expect(outputOf(await world.run(pass({ Output: "{% {'call': 'c', 'end': $sum} %}" })))).toEqual({
    call: "c",
  });
});

test("requests outside AWS's constraints are refused in its words", async () => {
  const stateMachineArn = await world.create(machineOf({ End: { Type: "Succeed" } }));
  const refused = async (operation: string, input: Shape, code: string, message: string): Promise<void> =>
    expect(world.states(operation, input)).rejects.toMatchObject({ code, message });
  const problem = "1 validation error detected: Value";
  await refused(
    "StartExecution",
    {},
    "ValidationException",
    `${problem} null at 'stateMachineArn' failed to satisfy constraint: Member must not be null`,
  );
  await refused(
    "ListExecutions",
    { stateMachineArn, maxResults: -1 },
    "ValidationException",
    `${problem} '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0`,
  );
  await refused(
    "UpdateStateMachine",
    { stateMachineArn, roleArn: "workflow" },
    "InvalidArn",
    "Invalid Role Arn: 'workflow'",
  );
  const key = "k".repeat(129);
  await refused(
    "TagResource",
    { resourceArn: stateMachineArn, tags: [{ key, value: "v" }] },
    "ValidationException",
    `${problem} '${key}' at 'tags.1.member.key' failed to satisfy constraint: ` +
      "Member must have length less than or equal to 128",
  );
  const { executionArn } = await world.states("StartExecution", { stateMachineArn });
  const long = world.states("StopExecution", { executionArn, error: "e".repeat(257) });
  await expect(long).rejects.toMatchObject({ code: "ValidationException" });
});

test("a member that is needed and not there is named", async () => {
  const missing = async (operation: string, input: Shape, at: string): Promise<void> =>
    expect(world.states(operation, input)).rejects.toMatchObject({
      code: "ValidationException",
      message: `1 validation error detected: Value null at '${at}' failed to satisfy constraint: Member must not be null`,
    });
  await missing("CreateStateMachine", { name: "call" }, "definition");
  await missing("SendTaskSuccess", { taskToken: "t" }, "output");
  await missing("SendTaskFailure", {}, "taskToken");
  await missing("DescribeExecution", {}, "executionArn");
  await missing("ListTagsForResource", {}, "resourceArn");
});

test("a failed evaluation has the predecessor of its state's entry, and the chain goes on from it", async () => {
  const machine = {
    QueryLanguage: "JSONata",
    StartAt: "First",
    States: {
      First: { Type: "Pass", Next: "Second" },
      Second: { Type: "Pass", Output: "{% $nothing %}", End: true },
    },
  };
  const arn = await world.start(machine);
  await world.end(arn);
  const chain = (await world.events(arn)).map(
    ({ id, type, previousEventId }) => `${String(id)} ${String(type)} ${String(previousEventId)}`,
  );
  expect(chain.slice(2)).toEqual([
    "3 PassStateExited 2",
    "4 PassStateEntered 3",
    "5 EvaluationFailed 3",
    "6 ExecutionFailed 5",
  ]);
});

const ROLE = "arn:aws:iam::000000000000:role/trusted";

test("a task calls as the role of its Credentials, and its event names it", async () => {
  world.fake("lambda", "Invoke", () => ({ StatusCode: 200, Payload: "done" }));
  const RoleArn = "{% $states.input.role %}";
  const arn = await world.start(machineOf({ Ask: task({ Credentials: { RoleArn } }) }), { role: ROLE });
  expect(await world.end(arn)).toMatchObject({ status: "SUCCEEDED" });
  expect(world.calls[0]?.caller).toMatchObject({ kind: "role", arn: ROLE });
  const scheduled = (await world.events(arn)).find(({ type }) => type === "TaskScheduled");
  expect(scheduled?.["taskScheduledEventDetails"]).toMatchObject({ taskCredentials: { roleArn: ROLE } });
});

test("a function that is the resource itself is called with Credentials too", async () => {
  world.fake("lambda", "Invoke", () => ({ StatusCode: 200, Payload: {} }));
  const Resource = "arn:aws:lambda:us-east-1:000000000000:function:send-push";
  const state = { Type: "Task", Resource, Credentials: { RoleArn: ROLE }, End: true };
  const arn = await world.start(machineOf({ Ask: state }));
  await world.end(arn);
  const scheduled = (await world.events(arn)).find(({ type }) => type === "LambdaFunctionScheduled");
  expect(scheduled?.["lambdaFunctionScheduledEventDetails"]).toMatchObject({
    resource: Resource,
    taskCredentials: { roleArn: ROLE },
  });
});

test.each([[{}], [{ Role: ROLE }]])(
  "Credentials %j without a role are refused in AWS's words",
  async (Credentials) => {
    await expect(world.create(machineOf({ State0: task({ Credentials }) }))).rejects.toMatchObject({
      code: "InvalidDefinition",
      message:
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/State0/Credentials'",
    });
  },
);

test("a range of one number is that number, a chunk of one item stays a list", async () => {
  const output = async (expression: string) =>
    outputOf(await world.run(pass({ Output: `{% ${expression} %}` })));
  expect(await output("$range(1, 9, 9)")).toBe(1);
  expect(await output("{'only': $range(1, 9, 9)}")).toEqual({ only: 1 });
  expect(await output("$range(1, 9, 2)")).toEqual([1, 3, 5, 7, 9]);
  expect(await output("[$range(1, 9, 9)]")).toEqual([1]);
  expect(await output("[1..1]")).toEqual([1]);
  expect(await output("[1, 2][$ = 1]")).toBe(1);
  expect(await output("$partition([0], 5)")).toEqual([[0]]);
});
