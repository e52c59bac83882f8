/** Histories recorded on AWS: the local engine writes the same events. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

interface Recording {
  readonly definition: Shape;
  readonly content: Record<string, Shape>;
}

function recording(name: string): Recording {
  const file = new URL(`./step-functions-recorded/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Recording;
}

const recordedEvents = ({ content }: Recording): Shape[] =>
  content["get_execution_history"]?.["events"] as Shape[];

function recordedInput(events: readonly Shape[]): Shape {
  const { input } = (events[0]?.["executionStartedEventDetails"] ?? {}) as { input: Shape };
  return input;
}

const ANYTHING: unknown = expect.anything();

/** Placeholders stand for anything; whatever else was recorded must be there exactly. */
function expected(value: unknown): unknown {
  if (typeof value === "string") {
    const varies = /<[^>]+>/.test(value) || ["timestamp", "date", "snf_role_arn", "datetime"].includes(value);
    return varies ? ANYTHING : value;
  }
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expected(item)]));
}

const JSON_FIELDS = new Set(["input", "output", "parameters", "cause"]);

/** The recordings show objects where the wire has their JSON. */
function readable(value: unknown, field = ""): unknown {
  if (typeof value === "string") {
    return JSON_FIELDS.has(field) && value.startsWith("{") ? JSON.parse(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => readable(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const isAssigned = field === "assignedVariables" && typeof item === "string";
    return [key, isAssigned ? JSON.parse(item) : readable(item, key)];
  });
  return Object.fromEntries(entries);
}

/** What the local engine writes, beside what was recorded. */
async function replay(name: string, definition: unknown): Promise<{ events: unknown; recorded: unknown }> {
  const recorded = recordedEvents(recording(name));
  const arn = await world.start(definition, recordedInput(recorded));
  await world.end(arn);
  return { events: readable(await world.events(arn)), recorded: expected(recorded) };
}

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:fails";

/** The function of the recordings: it fails, and its request id counts up. */
function failingFunction(): void {
  let invocations = 0;
  const line =
    '  File "/var/task/handler.py", line 2, in handler\n    raise Exception("Some exception was raised.")\n';
  world.fake("lambda", "Invoke", () => ({
    StatusCode: 200,
    FunctionError: "Unhandled",
    Payload: {
      errorMessage: "Some exception was raised.",
      errorType: "Exception",
      requestId: `<uuid:${(invocations += 1)}>`,
      stackTrace: [line],
    },
  }));
}

const withFunction = (definition: Shape): unknown =>
  JSON.parse(JSON.stringify(definition).replaceAll("%LAMBDA_FUNCTION_ARN_LITERAL_PLACEHOLDER%", ARN));

test("a task that fails twice is retried once and then caught, event by event as on AWS", async () => {
  failingFunction();
  const { events, recorded } = await replay(
    "task-catch-with-retry",
    withFunction(recording("task-catch-with-retry").definition),
  );
  expect(events).toEqual(recorded);
});

test("a catcher assigns the error to a variable, and the history shows it", async () => {
  failingFunction();
  const { events, recorded } = await replay("assign-in-catch", recording("assign-in-catch").definition);
  expect(events).toEqual(recorded);
});

test("an expression that returns nothing fails the execution in AWS's words", async () => {
  const { events, recorded } = await replay(
    "undefined-output-fails",
    recording("undefined-output-fails").definition,
  );
  expect(events).toEqual(recorded);
});

test("a Choice follows the first rule that holds", async () => {
  const { events, recorded } = await replay("choice", recording("choice").definition);
  expect(events).toEqual(recorded);
});

test("a Wait takes its seconds from an expression", async () => {
  const { events, recorded } = await replay("wait-seconds", recording("wait-seconds").definition);
  expect(events).toEqual(recorded);
});

test("a Map over something that is no array fails, and so does the Map state", async () => {
  const { definition } = recording("map-items-not-an-array");
  // The recording was made with the Map as the first state, over the number 1.
  const { States } = definition as { States: Record<string, Shape> };
  const legs = { ...States["MapIterateState"], Items: "{% 1 %}" };
  const { events, recorded } = await replay("map-items-not-an-array", machineOf({ MapIterateState: legs }));
  expect(events).toEqual(recorded);
});

function sendMessageMachine(name: string, fields: Shape = {}): Shape {
  const body = {
    Message: "{% $states.input.Message %}",
    TaskToken: "{% $states.context.Task.Token %}",
  };
  return machineOf({
    [name]: {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Arguments: { QueueUrl: "{% $states.input.QueueUrl %}", MessageBody: body },
      End: true,
      ...fields,
    },
  });
}

function fakeQueue(): { body: () => { Message: string; TaskToken: string } } {
  world.fake("sqs", "SendMessage", () => ({
    MD5OfMessageBody: "0".repeat(32),
    MessageId: "00000000-0000-4000-8000-000000000000",
  }));
  return { body: () => JSON.parse(String(world.calls[0]?.input["MessageBody"])) };
}

test("a callback task goes on with what SendTaskSuccess brings", async () => {
  const queue = fakeQueue();
  world.clock.after(5000, () => {
    const { Message, TaskToken } = queue.body();
    void world.states("SendTaskSuccess", { taskToken: TaskToken, output: JSON.stringify(Message) });
  });
  const arn = await world.start(sendMessageMachine("SendMessageWithWait"), {
    QueueUrl: "<sqs_queue_url>",
    Message: "test_message_txt",
  });
  await world.end(arn);
  const events = recordedEvents(recording("callback-success"));
  expect(readable(await world.events(arn))).toEqual(expected(events));
});

test("a callback task that nobody answers times out", async () => {
  fakeQueue();
  const machine = sendMessageMachine("SendMessageWithWaitAndTimeout", { TimeoutSeconds: 5 });
  const before = world.clock.now();
  const { events, recorded } = await replay("callback-timeout", machine);
  expect(events).toEqual(recorded);
  expect(world.clock.now() - before).toBe(5000);
});

test("tasks of aws-sdk:dynamodb call the operation as it is and show its reply", async () => {
  const updated = { S: { S: "HelloWorldUpdated" } };
  world.fake("dynamodb", "PutItem", () => ({}));
  world.fake("dynamodb", "UpdateItem", () => ({ Attributes: updated }));
  world.fake("dynamodb", "GetItem", () => ({
    Item: { ...updated, data: { S: "HelloWorld" }, id: { S: "id1" } },
  }));
  const task = (action: string, fields: readonly string[], end: Shape): Shape => ({
    Type: "Task",
    Resource: `arn:aws:states:::aws-sdk:dynamodb:${action}`,
    Arguments: {
      ...Object.fromEntries(fields.map((field) => [field, `{% $states.input.${field} %}`])),
      ...(action === "updateItem" ? { ReturnValues: "UPDATED_NEW" } : {}),
    },
    Output: `{% $merge([$states.input, {'${action}Output': $states.result}]) %}`,
    ...end,
  });
  const update = ["TableName", "Key", "UpdateExpression", "ExpressionAttributeValues"];
  const { events, recorded } = await replay(
    "aws-sdk-dynamodb",
    machineOf({
      PutItem: task("putItem", ["TableName", "Item"], { Next: "UpdateItem" }),
      UpdateItem: task("updateItem", update, { Next: "GetItem" }),
      GetItem: task("getItem", ["TableName", "Key"], { End: true }),
    }),
  );
  expect(events).toEqual(recorded);
});

test("a branch that fails is aborted, and the Parallel state catches its error", async () => {
  failingFunction();
  const { definition, ...recorded } = recording("parallel-catch");
  const arn = await world.start(withFunction(definition), { inputData: "dummy" });
  await world.end(arn);
  const types = (await world.events(arn)).map(({ id, type }) => `${String(id)} ${String(type)}`);
  const after = recordedEvents({ definition, ...recorded }).slice(8);
  expect(types).toEqual([
    "1 ExecutionStarted",
    "2 ParallelStateEntered",
    "3 ParallelStateStarted",
    "4 TaskStateEntered",
    "5 TaskScheduled",
    "6 TaskStarted",
    "7 TaskFailed",
    "8 TaskStateAborted",
    "9 ParallelStateFailed",
    ...after.map(({ id, type }) => `${String(id)} ${String(type)}`),
  ]);
  expect(readable((await world.events(arn)).slice(9))).toEqual(expected(after));
});

test("a name with the same input is the same execution while it runs, and taken afterwards", async () => {
  const { content } = recording("start-execution-idempotent");
  const stateMachineArn = await world.create(machineOf({ Wait: { Type: "Wait", Seconds: 60, End: true } }));
  const request = { stateMachineArn, name: "order-1", input: "{}" };
  const first = await world.states("StartExecution", request);
  await world.clock.advance(1000);
  expect(await world.states("StartExecution", request)).toEqual(first);

  const message = `Execution Already Exists: '${String(first["executionArn"])}'`;
  expect(content["start_exec_already_exists"]).toMatchObject({ Error: { Code: "ExecutionAlreadyExists" } });
  const taken = { code: "ExecutionAlreadyExists", status: 400, message };
  await expect(world.states("StartExecution", { ...request, input: '{"a":1}' })).rejects.toMatchObject(taken);
  await world.states("StopExecution", { executionArn: first["executionArn"] });
  await expect(world.states("StartExecution", request)).rejects.toMatchObject(taken);
});
