/** The console's views of a whole local stack, after calls with different ends. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  CallsView,
  CallView,
  ClientsView,
  ClientView,
  DeadLettersView,
  EventsView,
  OperationsView,
  OperationView,
  StackView,
  StagesView,
} from "../../tools/console/views.ts";
import { type ConsoleWorld, idsOf, startConsoleWorld } from "./console-world.ts";

let at: ConsoleWorld;
beforeAll(async () => {
  at = await startConsoleWorld();
});
afterAll(async () => at?.world[Symbol.asyncDispose]());

describe("the calls", () => {
  test("are listed with their end, their people and their executions, the latest first", async () => {
    const { calls: rows, nextPage } = await at.view<CallsView>("calls");
    expect(nextPage).toBeUndefined();
    expect(rows).toMatchObject([
      { callId: at.calls.missed, endReason: "missed", execution: "SUCCEEDED" },
      { callId: at.calls.declined, endReason: "declined" },
      {
        callId: at.calls.completed,
        status: "ended",
        endReason: "completed",
        media: "audio",
        parties: [
          { clientId: at.alice.clientId, role: "caller" },
          { clientId: at.bob.clientId, role: "callee", name: "Bob Brown" },
        ],
      },
    ]);
    expect(rows[2]?.answeredAtMs).toBeGreaterThan(rows[2]?.createdAtMs ?? Infinity);
    expect(rows[0]).not.toHaveProperty("answeredAtMs");
  });

  test("are filtered by reason, by status, by time and by client", async () => {
    const { calls: rows } = await at.view<CallsView>("calls");
    const of = async (query: string) => idsOf(await at.view<CallsView>(`calls?${query}`));
    expect(await of("reason=declined")).toEqual([at.calls.declined]);
    expect(await of("status=ringing&client=")).toEqual([]);
    expect(await of(`from=${rows[1]?.createdAtMs}`)).toEqual([at.calls.missed, at.calls.declined]);
    expect(await of(`to=${rows[1]?.createdAtMs}`)).toEqual([at.calls.declined, at.calls.completed]);
    expect(await of(`client=${at.bob.clientId}`)).toEqual([at.calls.declined, at.calls.completed]);
    expect(await of(`client=${at.alice.clientId}&reason=missed`)).toEqual([at.calls.missed]);
    expect(await of(`client=${at.alice.clientId}&to=${rows[2]?.createdAtMs}`)).toEqual([at.calls.completed]);
  });

  test.each([
    ["calls?reason=bored", 400, /^reason: /],
    ["calls?color=red", 400, /color/],
    ["calls?page=3", 400, /^page: /],
    ["calls/nonsense", 404, /nonsense/],
    ["calls/01a3185c-0000-7000-8000-000000000001", 404, /has no execution/],
    ["clients/nobody", 404, /nobody/],
    ["operations/none", 404, /none/],
    ["nothing", 404, /nothing/],
  ])("%s is refused with the reason", async (path, status, detail) => {
    expect(await at.reply(path)).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  });
});

test("a call is shown with its item, its execution's whole history and its events", async () => {
  const shown = await at.view<CallView>(`calls/${at.calls.completed}`);
  expect(shown.call).toMatchObject({
    callId: at.calls.completed,
    endReason: "completed",
    stageId: expect.any(String),
    legs: { 2: { clientId: at.bob.clientId } },
  });
  const [execution] = shown.executions;
  expect(execution).toMatchObject({
    name: at.calls.completed,
    status: "SUCCEEDED",
    input: { callId: at.calls.completed },
  });
  expect(execution?.definition).toMatchObject({ StartAt: "Push sent" });
  const entered = execution?.history.filter(({ type }) => type === "TaskStateEntered") ?? [];
  expect(entered.map(({ details }) => details?.["name"])).toContain("Ringing");
  expect(execution?.history.at(-1)?.type).toBe("ExecutionSucceeded");
  const wait = execution?.history.find(({ details }) => JSON.stringify(details).includes(":token"));
  expect(JSON.stringify(wait?.details)).toContain('":token":"(removed)"');
  const types = shown.events.map(({ type }) => type);
  expect([types[0], types.at(-1)]).toEqual([
    "CallInitiated",
    expect.stringMatching(/^(CallEnded|LegUpdated)$/),
  ]);
  expect(
    shown.events.every(({ detail }) => (detail as { callId: string }).callId === at.calls.completed),
  ).toBe(true);
});

test("clients are listed by name or by when they were last seen, and filtered by a word", async () => {
  const bobs = {
    clientId: at.bob.clientId,
    name: "Bob Brown",
    username: "bob",
    lastSeenAtMs: expect.any(Number),
  };
  for (const search of ["row", "BROWN bób", at.bob.clientId])
    expect(await at.view<ClientsView>(`clients?search=${encodeURIComponent(search)}`)).toEqual({
      clients: [bobs],
      total: 1,
      isWhole: true,
    });
  expect(await at.view<ClientsView>("clients?search=zoe")).toMatchObject({ clients: [], total: 0 });
  const ordered = async (order: string) =>
    (await at.view<ClientsView>(`clients?order=${order}`)).clients.map(({ username }) => username);
  expect(await ordered("name")).toEqual(["bob", "alice", "carol"]);
  const { clients: seen } = await at.view<ClientsView>("clients?order=seen");
  const times = seen.map(({ lastSeenAtMs = 0 }) => lastSeenAtMs);
  expect(times).toEqual(times.toSorted((one, other) => other - one));
});

test("a client is shown with its phones by channel, the clients it blocks, and its last calls", async () => {
  await at.bob.send({ action: "blockClient", clientId: at.bob.clientId, blockedId: at.carol.clientId });
  expect(await at.view<ClientView>(`clients/${at.bob.clientId}`)).toMatchObject({
    name: "Bob Brown",
    blockedIds: [at.carol.clientId],
    devices: [{ channels: ["GCM"] }],
    calls: [{ callId: at.calls.declined }, { callId: at.calls.completed }],
    pushes: [
      { callId: at.calls.declined, type: "incoming_call", channel: "GCM", outcome: "accepted" },
      { callId: at.calls.completed, type: "incoming_call" },
    ],
  });
});

test("stages are counted by status, beside their maximum number", async () => {
  const { maxStages, counts, stages } = await at.view<StagesView>("stages");
  expect(maxStages).toBe(400);
  expect(counts.resting).toBeGreaterThan(0);
  expect(stages.filter(({ state }) => state === "resting")[0]?.restsUntilMs).toBeGreaterThan(0);
  expect(stages.length).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0));
});

test("the last events are shown, the latest first, of one type or one call", async () => {
  const { events } = await at.view<EventsView>("events");
  expect(events.length).toBeGreaterThan(20);
  expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => b - a));
  const ended = await at.view<EventsView>("events?type=CallEnded");
  expect(ended.events.map(({ detail }) => (detail as { callId: string }).callId)).toEqual([
    at.calls.missed,
    at.calls.declined,
    at.calls.completed,
  ]);
  expect((await at.view<EventsView>(`events?type=CallEnded&call=${at.calls.declined}`)).events).toHaveLength(
    1,
  );
});

test("the stack's view names the stack and the place where an operator signs in", async () => {
  expect(await at.view<StackView>("stack")).toMatchObject({
    stack: "Ringmaster",
    account: "000000000000",
    isLocal: true,
    signIn: { endpoint: "http://127.0.0.1:4566", userPoolId: at.world.runtime.outputs["UserPoolId"] },
    apiUrl: at.world.runtime.outputs["ApiUrl"],
  });
});

test("a deletion is shown while it runs and when it is over", async () => {
  const dave = await at.world.phone("dave");
  const asked = await dave.send({ action: "deleteClientIds", clientIds: [dave.clientId] });
  const operationId = String(asked.body["operationId"]);
  const [row] = (await at.view<OperationsView>("operations")).operations;
  expect(row).toMatchObject({ operationId, status: "running", origin: "request", dryRun: false });
  await at.world.clock.advance(30_000);
  const counts = { total: 1, deleted: 1, alreadyGone: 0, failed: 0, callsEnded: 0 };
  const done = { operationId, status: "done", counts };
  expect((await at.view<OperationsView>("operations")).operations).toMatchObject([done]);
  expect(await at.view<OperationView>(`operations/${operationId}`)).toMatchObject({
    ...done,
    failures: [],
    batches: { total: 1, succeeded: 1, failed: 0 },
    execution: { status: "SUCCEEDED" },
  });
});

test("dead letters are shown and stay in their queues", async () => {
  const queueOf = ({ queues }: DeadLettersView) => queues.find(({ name }) => name.includes("drive-call"));
  expect(
    (await at.view<DeadLettersView>("dead-letters")).queues.map(({ messages }) => messages),
  ).not.toContain(1);
  const QueueUrl = "http://127.0.0.1:4566/000000000000/ringmaster-drive-call-failed";
  const MessageAttributes = { ERROR_CODE: { DataType: "String", StringValue: "NO_PERMISSIONS" } };
  await at.world.aws("sqs", "SendMessage", {
    QueueUrl,
    MessageBody: `{"token":"${at.aliceToken}"}`,
    MessageAttributes,
  });
  for (const _look of [1, 2]) {
    await at.world.clock.advance(2_000);
    expect(queueOf(await at.view<DeadLettersView>("dead-letters"))).toMatchObject({
      messages: 1,
      letters: [{ attributes: { ERROR_CODE: "NO_PERMISSIONS" }, body: '{"token":"(removed)"}' }],
    });
  }
});
