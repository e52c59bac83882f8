/** A deletion that was given up: the same request runs it again over the same list. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let olivia: Phone;
let clientIds: string[];
/** Batches fail if their input contains this text. */
let bad: string | undefined;

const PHONES = 120;

openForEach(startWorld, async (opened) => {
  world = opened;
  olivia = await world.phone("olivia");
  const alice = await world.phone("alice");
  // The list is in order: the only existing client is the last of its first batch.
  const unknown = Array.from({ length: PHONES }, (_, index) => {
    const tail = String(index).padStart(12, "0");
    return `${index < 99 ? "00000000" : "ffffffff"}-0000-4000-8000-${tail}`;
  });
  clientIds = [alice.clientId, ...unknown];
  bad = undefined;
  const isBad = ({ input }: { input: Shape }) =>
    bad !== undefined &&
    String(input["FunctionName"]).includes("delete-clients") &&
    JSON.stringify(input["Payload"]).includes(bad);
  const interfere = () =>
    world.runtime.localAws.interfere({
      service: "lambda",
      operation: "Invoke",
      where: isBad,
      fault: async () => {
        // A fault is used once, so the next attempt needs another one.
        interfere();
        // The other batches are done by then.
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        throw new AwsError("ServiceException", "An error occurred", 500);
      },
    });
  interfere();
});

const asks = async (): Promise<string> =>
  String((await olivia.send({ action: "deleteClientIds", clientIds })).body["operationId"]);
async function look(operationId: string): Promise<Record<string, unknown>> {
  const { serverNowMs: _now, ...operation } = (await olivia.send({ action: "getOperation", operationId }))
    .body;
  return operation;
}
async function over(operationId: string): Promise<Record<string, unknown>> {
  await world.clock.until(async () => (await look(operationId))["status"] !== "running");
  await world.clock.advance(1_000);
  return look(operationId);
}
const executionNames = async (): Promise<unknown[]> => {
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  const { executions } = await world.aws("states", "ListExecutions", { stateMachineArn });
  return (executions as Shape[]).map(({ name }) => name).toReversed();
};

test("the same request runs a deletion again, and the report counts each deleted client once", async () => {
  bad = "ffffffff-0000";
  const operationId = await asks();
  const first = await over(operationId);
  expect(first).toMatchObject({ status: "failed", counts: { failed: 21 } });
  const { deleted, alreadyGone } = first["counts"] as Record<string, number>;
  expect([deleted, alreadyGone]).toEqual([1, 99]);
  bad = undefined;
  expect(await asks()).toBe(operationId);
  expect(await look(operationId)).toMatchObject({ status: "running" });
  const second = await over(operationId);
  expect(second).toMatchObject({
    operationId,
    status: "done",
    counts: { deleted: 1, alreadyGone: 120, callsEnded: 0, failed: 0 },
    failures: [],
  });
  expect(second["execution"]).toMatch(new RegExp(`:execution:clean-up:${operationId}-2$`));
  expect(await executionNames()).toEqual([operationId, `${operationId}-2`]);
  expect(world.events("ClientsDeleted")).toMatchObject([
    { operationId, status: "failed", deleted: 1 },
    { operationId, status: "done", deleted: 1, alreadyGone: 120, failed: 0 },
  ]);
});

test("a run that is given up again can be requested once more, and a finished one stays finished", async () => {
  bad = "ffffffff-0000";
  const operationId = await asks();
  await over(operationId);
  await asks();
  expect(await over(operationId)).toMatchObject({ status: "failed", counts: { deleted: 1, failed: 21 } });
  bad = undefined;
  await asks();
  const done = await over(operationId);
  expect(done).toMatchObject({ status: "done", counts: { deleted: 1, alreadyGone: 120, failed: 0 } });
  await asks();
  await world.clock.advance(1_000);
  expect(await look(operationId)).toEqual(done);
  expect(await executionNames()).toEqual([operationId, `${operationId}-2`, `${operationId}-3`]);
});

test("two simultaneous repeats run the deletion once more", async () => {
  bad = "ffffffff-0000";
  const operationId = await asks();
  await over(operationId);
  bad = undefined;
  await Promise.all([asks(), asks()]);
  await over(operationId);
  expect(await executionNames()).toEqual([operationId, `${operationId}-2`]);
});

test("the report of the next run includes what a stopped run had deleted", async () => {
  bad = "ffffffff-0000";
  const operationId = await asks();
  await world.clock.advance(4_000);
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  const executionArn = `${stateMachineArn?.replace(":stateMachine:", ":execution:")}:${operationId}`;
  await world.aws("states", "StopExecution", { executionArn });
  await world.clock.advance(5_000);
  expect(await look(operationId)).toMatchObject({ status: "failed", counts: { deleted: 1 } });
  bad = undefined;
  await asks();
  expect(await over(operationId)).toMatchObject({
    status: "done",
    counts: { deleted: 1, alreadyGone: 120, failed: 0 },
  });
});

test("an operator runs a list of the bucket again, named by the operation's id and the run's number", async () => {
  bad = "ffffffff-0000";
  const Bucket = world.runtime.outputs["CleanUpBucketName"];
  await world.aws("s3", "PutObject", { Bucket, Key: "operations/list.txt", Body: clientIds.join("\n") });
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  const start = (name: string, input: Shape) =>
    world.aws("states", "StartExecution", { stateMachineArn, name, input: JSON.stringify(input) });
  await start("monday", { key: "operations/list.txt" });
  expect(await over("monday")).toMatchObject({ status: "failed", counts: { deleted: 1, failed: 21 } });
  bad = undefined;
  await start("monday-2", { operationId: "monday", run: 2 });
  expect(await over("monday")).toMatchObject({
    status: "done",
    counts: { deleted: 1, alreadyGone: 120, failed: 0 },
  });
});
