/** Operations on state machines: revisions, deletion, validation, tags, Express, nested executions, redrive. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { ROLE, machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const pass = (output: unknown): Shape => machineOf({ Say: { Type: "Pass", Output: output, End: true } });
const waiting = machineOf({ Wait: { Type: "Wait", Seconds: 60, Next: "End" }, End: { Type: "Succeed" } });
const outputOf = (execution: Shape): unknown => JSON.parse(String(execution["output"]));

async function createExpress(definition: Shape): Promise<string> {
  const input = { name: "express", roleArn: ROLE, type: "EXPRESS", definition: JSON.stringify(definition) };
  return String((await world.states("CreateStateMachine", input))["stateMachineArn"]);
}

test("an update makes a new revision; what runs keeps the old one", async () => {
  const stateMachineArn = await world.create(waiting);
  expect(await world.states("DescribeStateMachine", { stateMachineArn })).not.toHaveProperty("revisionId");
  const { executionArn } = await world.states("StartExecution", { stateMachineArn });
  const definition = JSON.stringify(pass("new"));
  const { revisionId } = await world.states("UpdateStateMachine", { stateMachineArn, definition });
  expect(await world.states("DescribeStateMachine", { stateMachineArn })).toMatchObject({
    revisionId,
    definition,
  });
  expect(await world.states("DescribeStateMachineForExecution", { executionArn })).toMatchObject({
    definition: JSON.stringify(waiting),
  });
  const again = await world.states("UpdateStateMachine", { stateMachineArn, definition });
  expect(again["revisionId"]).toBe(revisionId);
  await expect(world.states("UpdateStateMachine", { stateMachineArn })).rejects.toMatchObject({
    code: "MissingRequiredParameter",
  });
});

test("a deleted state machine ends its executions at their next transition and is then gone", async () => {
  const stateMachineArn = await world.create(waiting);
  const { executionArn } = await world.states("StartExecution", { stateMachineArn });
  await world.clock.settle();
  await world.states("DeleteStateMachine", { stateMachineArn });
  expect(await world.states("DescribeStateMachine", { stateMachineArn })).toMatchObject({
    status: "DELETING",
  });
  await expect(world.states("StartExecution", { stateMachineArn })).rejects.toMatchObject({
    code: "StateMachineDeleting",
  });
  await world.clock.advance(60_000);
  for (const [operation, input, code] of [
    ["DescribeStateMachine", { stateMachineArn }, "StateMachineDoesNotExist"],
    ["DescribeExecution", { executionArn }, "ExecutionDoesNotExist"],
  ] as const) {
    await expect(world.states(operation, input)).rejects.toMatchObject({ code });
  }
  expect(await world.states("DeleteStateMachine", { stateMachineArn })).toEqual({});
});

test.each<[string, string, string, Shape[]]>([
  ["nothing wrong", JSON.stringify(pass(1)), "STANDARD", []],
  [
    "no text",
    "",
    "STANDARD",
    [{ code: "SCHEMA_VALIDATION_FAILED", message: "Definition must be a valid JSON object" }],
  ],
  [
    "no JSON",
    "not a definition",
    "STANDARD",
    [
      {
        code: "INVALID_JSON_DESCRIPTION",
        location: '[Source: (String)"not a definition"; line: 1, column: 4]',
        message:
          "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n" +
          ' at [Source: (String)"not a definition"; line: 1, column: 4]',
      },
    ],
  ],
  [
    "missing members",
    "{}",
    "STANDARD",
    [
      {
        code: "SCHEMA_VALIDATION_FAILED",
        location: "/",
        message: "These fields are required: [States, StartAt]",
      },
    ],
  ],
  [
    "a state that goes back to JSONPath",
    JSON.stringify(machineOf({ Pass: { Type: "Pass", QueryLanguage: "JSONPath", End: true } })),
    "STANDARD",
    [
      {
        code: "SCHEMA_VALIDATION_FAILED",
        location: "/States/Pass",
        message: "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      },
    ],
  ],
  [
    "a task token in Express",
    JSON.stringify(
      machineOf({
        T: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", End: true },
      }),
    ),
    "EXPRESS",
    [
      {
        code: "SCHEMA_VALIDATION_FAILED",
        location: "/States/T/Resource",
        message: "Express state machine does not support '.waitForTaskToken' service integration ",
      },
    ],
  ],
])("%s is diagnosed in AWS's words", async (_, definition, type, diagnostics) => {
  expect(await world.states("ValidateStateMachineDefinition", { definition, type })).toEqual({
    result: diagnostics.length > 0 ? "FAIL" : "OK",
    diagnostics: diagnostics.map((each) => ({ severity: "ERROR", ...each })),
    truncated: false,
  });
});

test("tags are added, replaced and taken away", async () => {
  const resourceArn = await world.create(pass(1));
  const tag = (key: string, value: string): Shape => ({ key, value });
  await world.states("TagResource", { resourceArn, tags: [tag("a", "1"), tag("b", "2")] });
  await world.states("TagResource", { resourceArn, tags: [tag("a", "3")] });
  await world.states("UntagResource", { resourceArn, tagKeys: ["b", "c"] });
  expect(await world.states("ListTagsForResource", { resourceArn })).toEqual({ tags: [tag("a", "3")] });
  await expect(
    world.states("TagResource", { resourceArn: `${resourceArn}-2`, tags: [] }),
  ).rejects.toMatchObject({
    code: "ResourceNotFound",
    message: `Resource not found: '${resourceArn}-2'`,
  });
});

test("StartSyncExecution replies with the end of an Express execution, which nothing else shows", async () => {
  const stateMachineArn = await createExpress(pass("{% $states.context %}"));
  const reply = await world.states("StartSyncExecution", { stateMachineArn, name: "e-1", input: '{"a":1}' });
  expect(reply).toMatchObject({
    name: "e-1",
    status: "SUCCEEDED",
    input: '{"a":1}',
    billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
  });
  const executionArn = String(reply["executionArn"]);
  expect(executionArn).toMatch(/^arn:aws:states:us-east-1:000000000000:express:express:e-1:.{36}$/);
  const { Execution, State } = outputOf(reply) as { Execution: Shape; State: Shape };
  expect([Object.keys(Execution), Object.keys(State)]).toEqual([
    ["Id", "Input", "Name", "RoleArn", "StartTime"],
    ["EnteredTime", "Name"],
  ]);
  await expect(world.states("DescribeExecution", { executionArn })).rejects.toMatchObject({
    message: "Invalid Arn: 'Resource type not valid in this context: express'",
  });
  const wrongType = { code: "StateMachineTypeNotSupported" };
  await expect(world.states("ListExecutions", { stateMachineArn })).rejects.toMatchObject(wrongType);
  const standard = { stateMachineArn: await world.create(pass(1)) };
  await expect(world.states("StartSyncExecution", standard)).rejects.toMatchObject(wrongType);
});

test("an Express execution ends after five minutes", async () => {
  const stateMachineArn = await createExpress(machineOf({ Wait: { Type: "Wait", Seconds: 900, End: true } }));
  const reply = world.states("StartSyncExecution", { stateMachineArn });
  await world.clock.advance(300_000);
  expect(await reply).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
});

const nested = (form: string, child: string, fields: Shape = {}): Shape =>
  machineOf({
    Start: {
      Type: "Task",
      Resource: `arn:aws:states:::states:startExecution${form}`,
      Arguments: { StateMachineArn: child, Name: "n", Input: { a: 1 } },
      End: true,
      ...fields,
    },
  });

test("startExecution.sync gives the ended execution with its data as text, .sync:2 as JSON", async () => {
  for (const [form, data] of [
    [".sync", { Input: '{"a":1}', Output: '{"b":2}' }],
    [".sync:2", { Input: { a: 1 }, Output: { b: 2 } }],
  ] as const) {
    const child = await world.create(pass({ b: 2 }), `child${form.length}`);
    const arn = await world.start(nested(form, child));
    const output = outputOf(await world.end(arn)) as Shape;
    expect(output).toMatchObject({
      Name: "n",
      Status: "SUCCEEDED",
      InputDetails: { Included: true },
      ...data,
    });
    expect(Object.keys(output)).toEqual(Object.keys(output).toSorted());
    expect(output["StopDate"]).toBe(world.clock.now());
    expect((await world.events(arn)).map(({ type }) => type)).toContain("TaskSubmitted");
  }
});

test("a nested execution that fails fails the task; a task that ends first stops it", async () => {
  const broken = await world.create(machineOf({ No: { Type: "Fail", Error: "Gone" } }), "broken");
  const failed = await world.run(nested(".sync", broken));
  expect(failed).toMatchObject({ status: "FAILED", error: "States.TaskFailed" });
  expect(JSON.parse(String(failed["cause"]))).toMatchObject({ Status: "FAILED", Error: "Gone" });

  const slow = await world.create(waiting, "slow");
  const late = await world.run(nested(".sync", slow, { TimeoutSeconds: 5 }));
  expect(late).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  const { executions } = await world.states("ListExecutions", { stateMachineArn: slow });
  expect(executions).toMatchObject([{ status: "ABORTED" }]);

  const missing = await world.run(nested("", `${slow}-2`));
  expect(missing["error"]).toBe("StepFunctions.StateMachineDoesNotExistException");
  expect(missing["cause"]).toMatch(
    /^State Machine Does Not Exist: '.+-2' \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: .{36}; Proxy: null\)$/,
  );
});

test.each(["ecs:runTask.sync", "sns:publish", "aws-sdk:dynamodb:putItem.sync"])(
  "%s is refused by name",
  async (name) => {
    const resource = `arn:aws:states:::${name}`;
    const machine = machineOf({ T: { Type: "Task", Resource: resource, Arguments: {}, End: true } });
    await expect(world.create(machine)).rejects.toMatchObject({ message: expect.stringContaining(resource) });
  },
);

test("a redrive goes on at the branch that failed, in the same history", async () => {
  let isRepaired = false;
  world.fake("lambda", "Invoke", ({ FunctionName }) =>
    FunctionName === "b" && !isRepaired
      ? { StatusCode: 200, FunctionError: "Unhandled", Payload: { errorType: "Broken" } }
      : { StatusCode: 200, Payload: FunctionName },
  );
  const branch = (name: string, seconds: number): Shape => ({
    StartAt: `Wait ${name}`,
    States: {
      [`Wait ${name}`]: { Type: "Wait", Seconds: seconds, Next: name },
      [name]: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: name },
        Output: "{% $states.result.Payload %}",
        End: true,
      },
    },
  });
  const machine = machineOf({
    Both: { Type: "Parallel", Branches: [branch("a", 1), branch("b", 2)], End: true },
  });
  const executionArn = await world.start(machine);
  expect(await world.end(executionArn)).toMatchObject({ status: "FAILED", redriveStatus: "REDRIVABLE" });
  isRepaired = true;
  const before = (await world.events(executionArn)).length;
  const first = await world.states("RedriveExecution", { executionArn, clientToken: "t" });
  expect(await world.states("RedriveExecution", { executionArn, clientToken: "t" })).toEqual(first);
  await world.clock.settle();
  expect(await world.states("DescribeExecution", { executionArn })).toMatchObject({
    status: "SUCCEEDED",
    redriveCount: 1,
    output: '["a","b"]',
    redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
  });
  const after = (await world.events(executionArn)).slice(before);
  expect(after[0]).toMatchObject({
    type: "ExecutionRedriven",
    executionRedrivenEventDetails: { redriveCount: 1 },
  });
  const types = after.map(({ type }) => type);
  expect(types.filter((type) => type === "TaskScheduled")).toHaveLength(1);
  expect(types).not.toContain("WaitStateEntered");
  await expect(world.states("RedriveExecution", { executionArn })).rejects.toMatchObject({
    code: "ExecutionNotRedrivable",
  });
});

test("filters and pages outside their constraints are refused in AWS's words", async () => {
  const stateMachineArn = await world.create(pass(1));
  await expect(
    world.states("ListExecutions", { stateMachineArn, statusFilter: "succeeded" }),
  ).rejects.toMatchObject({
    code: "ValidationException",
    message:
      "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must " +
      "satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
  });
  await expect(world.states("ListExecutions", { stateMachineArn, maxResults: 1001 })).rejects.toMatchObject({
    message:
      "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have " +
      "value less than or equal to 1000",
  });
  await expect(world.states("DescribeStateMachine", { stateMachineArn: "call" })).rejects.toMatchObject({
    message: "Invalid Arn: 'Invalid ARN prefix: call'",
  });
});
