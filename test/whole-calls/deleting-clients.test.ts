/** Clients are deleted on request, from an operator's list and every night, through the synthesized template in virtual time. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { answered, asker, CREATE_PERSON, LIST_PEOPLE } from "../people/graphql-world.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";

const DAY_MS = 86_400_000;
let world: World;
let alice: Phone;
let bob: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

const deletes = (phone: Phone, ...clientIds: string[]): Promise<Reply> =>
  phone.send({ action: "deleteClientIds", clientIds });

/** Reads the operation once it is over. */
async function over(phone: Phone, operationId: unknown): Promise<Record<string, unknown>> {
  const look = () => phone.send({ action: "getOperation", operationId });
  await world.clock.until(async () => (await look()).body["status"] !== "running");
  return (await look()).body;
}
const items = async (table: string): Promise<Shape[]> => {
  const { Items } = await world.aws("dynamodb", "Scan", { TableName: world.runtime.physicalId(table) });
  return Items as Shape[];
};
const s3 = (operation: string, input: Shape): Promise<Shape> =>
  world.aws("s3", operation, { Bucket: world.runtime.outputs["CleanUpBucketName"], ...input });
/** Executions of the clean-up, newest first. */
const executions = async (): Promise<Shape[]> => {
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  return (await world.aws("states", "ListExecutions", { stateMachineArn }))["executions"] as Shape[];
};

test("a deletion removes a client with its devices and tokens, and the person's next registration makes a new client", async () => {
  const asked = await deletes(alice, alice.clientId);
  expect(asked).toMatchObject({ status: 202, body: { requested: 1 } });
  const done = await over(alice, asked.body["operationId"]);
  const counts = { deleted: 1, alreadyGone: 0, callsEnded: 0, failed: 0 };
  expect(done).toMatchObject({ status: "done", dryRun: false, counts, failures: [] });
  expect(await items("ClientsTable")).toMatchObject([{ clientId: { S: bob.clientId } }]);
  expect(JSON.stringify(await items("DevicesTable"))).not.toContain(alice.clientId);
  expect(world.events("ClientsDeleted")).toMatchObject([{ ...counts, status: "done" }]);
  const again = await world.phone("alice");
  expect(again.clientId).not.toBe(alice.clientId);
});

test("the owner's entry stays in the directory, without the client", async () => {
  const people = await asker(world, "alice");
  const input = { firstName: "Alice", lastName: "Adams", clientId: alice.clientId };
  await people.ask(CREATE_PERSON, { input });
  const asked = await deletes(alice, alice.clientId);
  await over(alice, asked.body["operationId"]);
  expect(answered(await people.ask(LIST_PEOPLE), "listPeople")).toMatchObject({
    items: [{ firstName: "Alice", clientId: null }],
  });
});

test("a repeat is the same operation, and another person cannot read it", async () => {
  const first = await deletes(alice, alice.clientId);
  await over(alice, first.body["operationId"]);
  const second = await deletes(alice, alice.clientId);
  const { serverNowMs: _later, ...same } = second.body;
  expect(first.body).toMatchObject(same);
  expect(await executions()).toHaveLength(1);
  const { operationId } = first.body;
  expect(await bob.send({ action: "getOperation", operationId })).toMatchObject({
    status: 404,
    body: { code: "no_such_operation" },
  });
});

test("an Idempotency-Key belongs to one request, and is refused for other clients", async () => {
  const other = await world.phone("alice", { deviceToken: "another-phone", anotherClient: true });
  const ask = (clientId: string) =>
    alice.send({ action: "deleteClientIds", clientIds: [clientId] }, { "idempotency-key": "monday" });
  expect((await ask(alice.clientId)).status).toBe(202);
  expect(await ask(other.clientId)).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
});

test("a list with another person's client is refused as a whole, and an operator may delete that client", async () => {
  const refused = await deletes(alice, alice.clientId, bob.clientId);
  const errors = [{ field: "clientIds.1", message: "expected a client of your own" }];
  expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request", errors } });
  expect(await executions()).toEqual([]);
  expect(await items("ClientsTable")).toHaveLength(2);
  const olivia = await world.phone("olivia");
  const byOperator = await deletes(olivia, bob.clientId);
  expect(await over(olivia, byOperator.body["operationId"])).toMatchObject({ counts: { deleted: 1 } });
});

test.each([
  ["a call in progress is completed", true, "completed"],
  ["a call that she has begun is cancelled", false, "cancelled"],
])(
  "a deleted client leaves its call: %s, and the other client is free",
  async (_title, answered, endReason) => {
    const { body } = await alice.send({
      action: "initiateCall",
      callerId: alice.clientId,
      calleeId: bob.clientId,
    });
    const callId = String(body["callId"]);
    await world.clock.advance(2_000);
    if (answered) await bob.send({ action: "answerCall", callId });
    const asked = await deletes(alice, alice.clientId);
    expect(await over(alice, asked.body["operationId"])).toMatchObject({
      counts: { deleted: 1, callsEnded: 1 },
    });
    expect(await world.ended(callId)).toBe("SUCCEEDED");
    expect((await world.item(callId))["endReason"]).toEqual({ S: endReason });
    const [left] = await items("ClientsTable");
    expect(left).toMatchObject({ clientId: { S: bob.clientId } });
    expect(left).not.toHaveProperty("activeCallId");
  },
);

test("a client that is deleted while it rings has declined", async () => {
  const { body } = await bob.send({
    action: "initiateCall",
    callerId: bob.clientId,
    calleeId: alice.clientId,
  });
  await world.clock.advance(2_000);
  await over(alice, (await deletes(alice, alice.clientId)).body["operationId"]);
  expect(await world.ended(String(body["callId"]))).toBe("SUCCEEDED");
  expect((await world.item(String(body["callId"])))["endReason"]).toEqual({ S: "declined" });
});

test("a list that an operator puts into the bucket is deleted, and a line without an id does not stop the others", async () => {
  const unknown = "00000000-0000-4000-8000-000000000001";
  const lines = [
    JSON.stringify(alice.clientId),
    `{"clientId":"${bob.clientId}"}`,
    '"nobody"',
    '"{"',
    `"${unknown}"`,
  ];
  await s3("PutObject", { Key: "deletions/monday.jsonl", Body: lines.join("\n") });
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  expect(world.events("ClientsDeleted")).toMatchObject([
    { status: "done", deleted: 2, alreadyGone: 1, failed: 2, reasons: { invalid_id: 2 } },
  ]);
  expect(await items("ClientsTable")).toEqual([]);
});

test("clients not seen for 120 days are deleted, and a day with a call counts as seen", async () => {
  const { body } = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  await world.ended(String(body["callId"]));
  const [seen] = (await items("ClientsTable")).filter((one) => JSON.stringify(one).includes(alice.clientId));
  const today = Math.floor(world.clock.now() / DAY_MS) * DAY_MS;
  expect(seen?.["seenOnMs"]).toEqual({ N: String(today) });
  const longAgo = { ":day": { N: String(today - 120 * DAY_MS) } };
  await world.aws("dynamodb", "UpdateItem", {
    TableName: world.runtime.physicalId("ClientsTable"),
    Key: { clientId: { S: bob.clientId } },
    UpdateExpression: "SET seenOnMs = :day",
    ExpressionAttributeValues: longAgo,
  });
  await world.aws("states", "StartExecution", {
    stateMachineArn: world.runtime.outputs["CleanUpWorkflowArn"],
    input: JSON.stringify({ stale: true }),
  });
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  expect(world.events("ClientsDeleted")).toMatchObject([{ status: "done", dryRun: false, deleted: 1 }]);
  expect(await items("ClientsTable")).toMatchObject([{ clientId: { S: alice.clientId } }]);
});

test("a night without stale clients reports that, and starts no batch", async () => {
  await world.aws("states", "StartExecution", {
    stateMachineArn: world.runtime.outputs["CleanUpWorkflowArn"],
    name: "quiet-night",
    input: JSON.stringify({ stale: true }),
  });
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  expect(world.events("ClientsDeleted")).toMatchObject([{ status: "done", deleted: 0 }]);
  const [{ executionArn } = {}] = await executions();
  expect(await world.aws("states", "ListMapRuns", { executionArn })).toEqual({ mapRuns: [] });
});

test("a dry run reports what it would delete", async () => {
  await s3("PutObject", { Key: "operations/by-hand.jsonl", Body: `"${alice.clientId}"\n` });
  await world.aws("states", "StartExecution", {
    stateMachineArn: world.runtime.outputs["CleanUpWorkflowArn"],
    name: "by-hand",
    input: JSON.stringify({ key: "operations/by-hand.jsonl", dryRun: true }),
  });
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  expect(world.events("ClientsDeleted")).toMatchObject([{ dryRun: true, deleted: 1 }]);
  expect(await items("ClientsTable")).toHaveLength(2);
});

test("an operator may send 5,000 ids and read the progress, and other commands of that size are refused", async () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => {
    const tail = String(index).padStart(12, "0");
    return `00000000-0000-4000-8000-${tail}`;
  });
  const olivia = await world.phone("olivia");
  const asked = await deletes(olivia, ...ids);
  expect(asked).toMatchObject({ status: 202, body: { requested: 5_000 } });
  const { operationId } = asked.body;
  // Eight batches of a hundred are done after the first second.
  await world.clock.advance(1_500);
  expect((await olivia.send({ action: "getOperation", operationId })).body).toMatchObject({
    status: "running",
    counts: { deleted: 0, alreadyGone: 800, failed: 0 },
  });
  expect(await over(olivia, operationId)).toMatchObject({ counts: { alreadyGone: 5_000 } });
  const large = await alice.send({ action: "getCall", callId: ids.join("") });
  expect(large).toMatchObject({ status: 413, body: { code: "body_too_large" } });
});

test("a batch whose answer is lost is repeated, and leaves nothing half deleted", async () => {
  const lines = ["one", "two", "three"].map((deviceToken) => ({ deviceToken, anotherClient: true }));
  const others = await Promise.all(lines.map((line) => world.phone("alice", line)));
  world.runtime.localAws.interfere({
    service: "lambda",
    operation: "Invoke",
    where: ({ input }) => String(input["FunctionName"]).includes("delete-clients"),
    fault: async (run) => {
      await run();
      throw new AwsError("ServiceException", "An error occurred", 500);
    },
  });
  const asked = await deletes(alice, alice.clientId, ...others.map(({ clientId }) => clientId));
  const done = await over(alice, asked.body["operationId"]);
  expect(done).toMatchObject({ status: "done", counts: { deleted: 0, alreadyGone: 4, failed: 0 } });
  expect(await items("ClientsTable")).toMatchObject([{ clientId: { S: bob.clientId } }]);
  const left = (await items("DevicesTable")).flatMap((item) => item["clientId"] ?? []);
  expect(left).toEqual([{ S: bob.clientId }, { S: bob.clientId }]);
});

test("a run that was stopped runs again on a repeated request", async () => {
  const asked = await deletes(alice, alice.clientId);
  const [{ executionArn } = {}] = await executions();
  await world.aws("states", "StopExecution", { executionArn });
  await world.clock.advance(5_000);
  const look = { action: "getOperation", operationId: asked.body["operationId"] };
  expect((await alice.send(look)).body["status"]).toBe("failed");
  await deletes(alice, alice.clientId);
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  await world.clock.advance(1_000);
  expect((await alice.send(look)).body).toMatchObject({ status: "done", counts: { failed: 0 } });
  expect(await items("ClientsTable")).toMatchObject([{ clientId: { S: bob.clientId } }]);
});

test("a client that registers again after the request stays, even if a run continues much later", async () => {
  await deletes(alice, alice.clientId);
  const [{ executionArn } = {}] = await executions();
  await world.aws("states", "StopExecution", { executionArn });
  await world.clock.advance(5_000);
  await world.phone("alice");
  const { operationId } = (await deletes(alice, alice.clientId)).body;
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  expect(world.events("ClientsDeleted")).toMatchObject([{ deleted: 0, reasons: { registered_again: 1 } }]);
  expect(await over(alice, operationId)).toMatchObject({
    failures: [{ clientId: alice.clientId, reason: "registered_again" }],
  });
});
