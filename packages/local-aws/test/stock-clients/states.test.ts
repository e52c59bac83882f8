import {
  DeleteStateMachineCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  ListMapRunsCommand,
  ListTagsForResourceCommand,
  RedriveExecutionCommand,
  StartSyncExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
  ExecutionNotRedrivable,
  MissingRequiredParameter,
  ResourceNotFound,
  StateMachineTypeNotSupported,
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { machineOf, openAsking, ask, type Asking, roleArn } from "./asking-machine.ts";

let world: Asking;
let aws: Asking["aws"];
let sfn: SFNClient;

async function open(options = {}): Promise<void> {
  world = await openAsking(options);
  ({ aws, sfn } = world);
}
beforeEach(() => open());
afterEach(() => world.close());

test("a state machine is made once, described with its date, and found in the list", async () => {
  const stateMachineArn = await world.create();
  expect(stateMachineArn).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:order");
  const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described).toMatchObject({
    name: "order",
    status: "ACTIVE",
    type: "STANDARD",
    roleArn,
    definition: machineOf({ Ask: ask }),
    creationDate: new Date(aws.clock.now()),
  });
  const other = machineOf({ Done: { Type: "Succeed" } });
  await expect(world.create(other)).rejects.toThrow(StateMachineAlreadyExists);
  await world.create(other, "other");
  const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}));
  expect(stateMachines?.map(({ name }) => name)).toEqual(["order", "other"]);
  const pages: number[] = [];
  for await (const page of paginateListStateMachines({ client: sfn, pageSize: 1 }, {}))
    pages.push(page.stateMachines?.length ?? 0);
  expect(pages).toEqual([1, 1]);
});

test("an execution waits for its token, lives by heartbeats, and ends with what the token brings", async () => {
  const { executionArn, taskToken } = await world.start(await world.create());
  const started = new Date(aws.clock.now());
  await aws.clock.advance(50_000);
  await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  await aws.clock.advance(50_000);
  expect(await world.describe(executionArn)).toMatchObject({ status: "RUNNING", startDate: started });
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"answered":true}' }));
  await aws.clock.settle();
  expect(await world.describe(executionArn)).toMatchObject({
    status: "SUCCEEDED",
    input: '{"payer":"bob"}',
    inputDetails: { included: true },
    output: '{"answered":true}',
    stopDate: new Date(aws.clock.now()),
    redriveCount: 0,
  });
  await expect(sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toThrow(TaskTimedOut);
});

test("a history has typed events with dates and numbers, forwards, backwards and page by page", async () => {
  const { executionArn, taskToken } = await world.start(await world.create());
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: "Busy", cause: "bob is in a call" }));
  await aws.clock.settle();
  expect(await world.describe(executionArn)).toMatchObject({
    status: "FAILED",
    error: "Busy",
    cause: "bob is in a call",
  });
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events?.[0]).toEqual({
    type: "ExecutionStarted",
    id: 1,
    previousEventId: 0,
    timestamp: new Date("2026-01-01T09:00:00Z"),
    executionStartedEventDetails: {
      input: '{"payer":"bob"}',
      inputDetails: { truncated: false },
      roleArn,
    },
  });
  const last = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
  );
  expect(last.events).toMatchObject([
    { type: "ExecutionFailed", executionFailedEventDetails: { error: "Busy" } },
  ]);
  const ids: (number | undefined)[] = [];
  const pages = paginateGetExecutionHistory({ client: sfn, pageSize: 2 }, { executionArn });
  for await (const page of pages) ids.push(...(page.events ?? []).map(({ id }) => id));
  expect(ids).toEqual(events?.map(({ id }) => id));
});

test("executions are listed newest first, by status and page by page", async () => {
  const stateMachineArn = await world.create();
  const first = await world.start(stateMachineArn, "order-1");
  await aws.clock.advance(1_000);
  await world.start(stateMachineArn, "order-2");
  const error = "CalledOff";
  const stopped = await sfn.send(new StopExecutionCommand({ executionArn: first.executionArn, error }));
  expect(stopped.stopDate).toEqual(new Date(aws.clock.now()));
  const aborted = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "ABORTED" }));
  expect(aborted.executions).toMatchObject([
    { name: "order-1", status: "ABORTED", stopDate: new Date(aws.clock.now()) },
  ]);
  const names: (string | undefined)[][] = [];
  for await (const page of paginateListExecutions({ client: sfn, pageSize: 1 }, { stateMachineArn }))
    names.push((page.executions ?? []).map(({ name }) => name));
  expect(names).toEqual([["order-2"], ["order-1"]]);
});

test("the same start twice is one execution; another input under its name is refused", async () => {
  const stateMachineArn = await world.create();
  const start = (input: string) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, name: "order-1", input }));
  const first = await start("{}");
  await aws.clock.advance(1_000);
  const second = await start("{}");
  expect([second.executionArn, second.startDate]).toEqual([first.executionArn, first.startDate]);
  const refused = start('{"a":1}');
  await expect(refused).rejects.toThrow(ExecutionAlreadyExists);
  await expect(refused).rejects.toMatchObject({
    message: `Execution Already Exists: '${first.executionArn}'`,
    $metadata: { httpStatusCode: 400 },
  });
});

test("a machine that is updated keeps its old definition for what runs, and is gone once deleted", async () => {
  const stateMachineArn = await world.create();
  const { executionArn } = await world.start(stateMachineArn);
  await aws.clock.advance(1_000);
  const definition = machineOf({ Done: { Type: "Succeed" } });
  const updated = await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  expect(updated).toMatchObject({ updateDate: new Date(aws.clock.now()), revisionId: expect.any(String) });
  const kept = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  expect(kept).toMatchObject({ stateMachineArn, definition: machineOf({ Ask: ask }) });
  const nothing = sfn.send(new UpdateStateMachineCommand({ stateMachineArn }));
  await expect(nothing).rejects.toThrow(MissingRequiredParameter);
  await sfn.send(new StopExecutionCommand({ executionArn }));
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await aws.clock.advance(1_000);
  const gone = sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  await expect(gone).rejects.toThrow(StateMachineDoesNotExist);
});

test("a machine carries tags", async () => {
  const resourceArn = await world.create();
  const tags = ["app", "stage"].map((key) => ({ key, value: "orders" }));
  await sfn.send(new TagResourceCommand({ resourceArn, tags }));
  await sfn.send(new UntagResourceCommand({ resourceArn, tagKeys: ["app"] }));
  expect((await sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([tags[1]]);
  const missing = sfn.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}-none` }));
  await expect(missing).rejects.toThrow(ResourceNotFound);
});

test("a definition is validated without making a machine", async () => {
  const validate = (definition: string) =>
    sfn.send(new ValidateStateMachineDefinitionCommand({ definition }));
  expect(await validate(machineOf({ Ask: ask }))).toMatchObject({ result: "OK", diagnostics: [] });
  const { result, diagnostics } = await validate(machineOf({ Lost: { Type: "Pass", Next: "Nowhere" } }));
  expect(result).toBe("FAIL");
  expect(diagnostics?.[0]).toMatchObject({ severity: "ERROR", code: expect.any(String) });
});

test("an Express execution replies with its end; a Standard machine has none such", async () => {
  const definition = machineOf({ Echo: { Type: "Pass", Output: "{% $states.input %}", End: true } });
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name: "echo", roleArn, definition, type: "EXPRESS" }),
  );
  const ended = await world.direct.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
  expect(ended).toMatchObject({
    status: "SUCCEEDED",
    output: '{"a":1}',
    startDate: new Date(aws.clock.now()),
    billingDetails: { billedMemoryUsedInMB: 64 },
  });
  const standard = new StartSyncExecutionCommand({ stateMachineArn: await world.create() });
  await expect(world.direct.send(standard)).rejects.toThrow(StateMachineTypeNotSupported);
});

test("an execution that failed goes on when it is redriven; one that runs does not", async () => {
  const { executionArn, taskToken } = await world.start(await world.create());
  const redrive = () => sfn.send(new RedriveExecutionCommand({ executionArn }));
  await expect(redrive()).rejects.toThrow(ExecutionNotRedrivable);
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: "Busy" }));
  await aws.clock.advance(1_000);
  expect((await redrive()).redriveDate).toEqual(new Date(aws.clock.now()));
  await aws.clock.until(() => world.tokens.length > 0);
  await sfn.send(new SendTaskSuccessCommand({ taskToken: world.tokens[0], output: "{}" }));
  await aws.clock.settle();
  expect(await world.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", redriveCount: 1 });
});

test("a Map Run is listed and described with its counts", async () => {
  const ItemProcessor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "Ask",
    States: { Ask: ask },
  };
  const everyone = { Type: "Map", Items: ["bob", "carol"], MaxConcurrency: 2, ItemProcessor, End: true };
  const { executionArn } = await world.start(await world.create(machineOf({ Everyone: everyone })));
  const { mapRuns } = await sfn.send(new ListMapRunsCommand({ executionArn, maxResults: 1 }));
  const mapRunArn = mapRuns?.[0]?.mapRunArn;
  expect(mapRuns).toMatchObject([{ executionArn, startDate: new Date(aws.clock.now()) }]);
  await aws.clock.until(() => world.tokens.length > 0);
  const run = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  expect(run).toMatchObject({
    status: "RUNNING",
    maxConcurrency: 2,
    itemCounts: { running: 2, total: 2, succeeded: 0 },
  });
});

test("errors are the client's own classes", async () => {
  const stateMachineArn = await world.create();
  const none = `${stateMachineArn}-none`;
  await expect(sfn.send(new DescribeStateMachineCommand({ stateMachineArn: none }))).rejects.toThrow(
    StateMachineDoesNotExist,
  );
  const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:none`;
  await expect(world.describe(executionArn)).rejects.toThrow(ExecutionDoesNotExist);
  await expect(world.describe("order-1")).rejects.toThrow(InvalidArn);
  const start = (input: string, name = "order-1") =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  await expect(start("no JSON")).rejects.toThrow(InvalidExecutionInput);
  await expect(start("{}", "call 1")).rejects.toThrow(InvalidName);
  await expect(world.create('{"StartAt":"x"}', "wrong")).rejects.toThrow(InvalidDefinition);
  const wrong = new SendTaskSuccessCommand({ taskToken: "none", output: "{}" });
  await expect(sfn.send(wrong)).rejects.toThrow(InvalidToken);
});

test("above the published rate the client sees throttling", async () => {
  await world.close();
  await open({ quotas: true });
  const stateMachineArn = await world.create();
  const asked = Array.from({ length: 201 }, () => sfn.send(new ListExecutionsCommand({ stateMachineArn })));
  const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { name: "ThrottlingException", message: "Rate exceeded" } }]);
});

test("a stock client has used every operation of Step Functions", () => expect(aws.untried()).toEqual([]));
