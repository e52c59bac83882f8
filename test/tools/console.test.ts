/** The console's views of a whole local stack: what they show after calls that ended in several ways, and what they never do. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AwsError } from "../../local/door.ts";
import { openConsole } from "../../local/console.ts";
import type { ConsoleReply, ConsoleServer, ConsoleStream } from "../../tools/console/server.ts";
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
import { answered, asker, CREATE_PERSON } from "../people/graphql-world.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;
let carol: Phone;
let server: ConsoleServer;
const calls = { completed: "", declined: "", missed: "" };
let aliceToken = "";

beforeAll(async () => {
  // Views are read while time stands still: nobody would wait for a quota.
  world = await startWorld({ quotas: false });
  [alice, bob, carol] = [await world.phone("alice"), await world.phone("bob"), await world.phone("carol")];
  const people = await asker(world, "bob");
  const input = { firstName: "Bob", lastName: "Brown", clientId: bob.clientId };
  answered(await people.ask(CREATE_PERSON, { input }), "createPerson");
  calls.completed = await talked();
  calls.declined = await rung(bob, (callId) => bob.send({ action: "declineCall", callId }));
  calls.missed = await rung(carol, () => world.clock.advance(60_000));
  await world.clock.advance(5_000);
  server = await openConsole(world.runtime, { aws: "http://127.0.0.1:4566" });
});
afterAll(async () => world[Symbol.asyncDispose]());

const begin = async (callee: Phone) =>
  alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: callee.clientId });

async function rung(callee: Phone, then: (callId: string) => Promise<unknown>): Promise<string> {
  const callId = String((await begin(callee)).body["callId"]);
  await world.clock.advance(1_000);
  await then(callId);
  await world.ended(callId);
  return callId;
}

async function talked(): Promise<string> {
  const called = await begin(bob);
  const callId = String(called.body["callId"]);
  aliceToken = String(called.body["token"]);
  await alice.joins(called);
  await world.clock.advance(1_000);
  await bob.joins(await bob.send({ action: "answerCall", callId }));
  await world.clock.advance(5_000);
  await bob.send({ action: "endCall", clientId: bob.clientId, callId });
  await world.ended(callId);
  return callId;
}

const HEADERS = { host: "127.0.0.1:4000" };
const ask = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
  const [before = "", query = ""] = path.split("?");
  const request = { method, path: `/console/api/${before}`, query, headers: { ...HEADERS, ...headers } };
  // Every path below /console/api/ is answered.
  return (await server(request)) as ConsoleReply | ConsoleStream;
};
async function reply(path: string, headers?: Record<string, string>, method?: string) {
  const answer = await ask(path, headers, method);
  if ("stream" in answer) throw new Error(`${path} goes on`);
  return { status: answer.status, headers: answer.headers, body: JSON.parse(String(answer.body)) as unknown };
}
async function view<T>(path: string): Promise<T> {
  const { status, body } = await reply(path);
  expect({ path, status, body }).toMatchObject({ status: 200 });
  // What the server promises in views.ts.
  return body as T;
}

const idsOf = ({ calls: rows }: CallsView): string[] => rows.map(({ callId }) => callId);

describe("the calls", () => {
  test("are listed with how they ended, whose they were, and their executions, the latest first", async () => {
    const { calls: rows, nextPage } = await view<CallsView>("calls");
    expect(nextPage).toBeUndefined();
    expect(rows).toMatchObject([
      { callId: calls.missed, endReason: "missed", execution: "SUCCEEDED" },
      { callId: calls.declined, endReason: "declined" },
      {
        callId: calls.completed,
        status: "ended",
        endReason: "completed",
        media: "audio",
        parties: [
          { clientId: alice.clientId, role: "caller" },
          { clientId: bob.clientId, role: "callee", name: "Bob Brown" },
        ],
      },
    ]);
    expect(rows[2]?.answeredAtMs).toBeGreaterThan(rows[2]?.createdAtMs ?? Infinity);
    expect(rows[0]).not.toHaveProperty("answeredAtMs");
  });

  test("can be filtered by reason, by status, by time and by client", async () => {
    const { calls: rows } = await view<CallsView>("calls");
    const of = async (query: string) => idsOf(await view<CallsView>(`calls?${query}`));
    expect(await of("reason=declined")).toEqual([calls.declined]);
    expect(await of("status=ringing&client=")).toEqual([]);
    expect(await of(`from=${rows[1]?.createdAtMs}`)).toEqual([calls.missed, calls.declined]);
    expect(await of(`to=${rows[1]?.createdAtMs}`)).toEqual([calls.declined, calls.completed]);
    expect(await of(`client=${bob.clientId}`)).toEqual([calls.declined, calls.completed]);
    expect(await of(`client=${alice.clientId}&reason=missed`)).toEqual([calls.missed]);
    expect(await of(`client=${alice.clientId}&to=${rows[2]?.createdAtMs}`)).toEqual([calls.completed]);
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
  ])("%s is a problem that says what is wrong", async (path, status, detail) => {
    expect(await reply(path)).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  });
});

test("one call is shown with its item, its execution's whole history and its events", async () => {
  const shown = await view<CallView>(`calls/${calls.completed}`);
  expect(shown.call).toMatchObject({
    callId: calls.completed,
    endReason: "completed",
    stageId: expect.any(String),
    legs: { 2: { clientId: bob.clientId } },
  });
  const [execution] = shown.executions;
  expect(execution).toMatchObject({
    name: calls.completed,
    status: "SUCCEEDED",
    input: { callId: calls.completed },
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
  expect(shown.events.every(({ detail }) => (detail as { callId: string }).callId === calls.completed)).toBe(
    true,
  );
});

test("clients are found by the beginning of a name, by id, or read through", async () => {
  const bobs = { clientId: bob.clientId, name: "Bob Brown", lastSeenAtMs: expect.any(Number) };
  for (const search of ["bo", "BROWN", bob.clientId])
    expect(await view<ClientsView>(`clients?search=${search}`)).toEqual({ clients: [bobs] });
  expect(await view<ClientsView>("clients?search=zoe")).toEqual({ clients: [] });
  const people = await view<ClientsView>("clients");
  expect(people.clients).toEqual([bobs]);
  const others = await view<ClientsView>(`clients?page=${people.nextPage}`);
  expect(others.clients.map(({ clientId }) => clientId).toSorted()).toEqual(
    [alice.clientId, carol.clientId].toSorted(),
  );
  expect(others.nextPage).toBeUndefined();
});

test("a client is shown with its phones by channel, whom it blocks, and its last calls", async () => {
  await bob.send({ action: "blockClient", clientId: bob.clientId, blockedId: carol.clientId });
  expect(await view<ClientView>(`clients/${bob.clientId}`)).toMatchObject({
    name: "Bob Brown",
    blockedIds: [carol.clientId],
    devices: [{ channels: ["GCM"] }],
    calls: [{ callId: calls.declined }, { callId: calls.completed }],
  });
});

test("stages are counted by what they are doing, beside how many free ones are wanted", async () => {
  const { target, counts, stages } = await view<StagesView>("stages");
  expect(target).toBe(2);
  expect(counts.resting).toBeGreaterThan(0);
  expect(stages.filter(({ state }) => state === "resting")[0]?.restsUntilMs).toBeGreaterThan(0);
  expect(stages.length).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0));
});

test("the last events are shown, the latest first, of one type or one call", async () => {
  const { events } = await view<EventsView>("events");
  expect(events.length).toBeGreaterThan(20);
  expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => b - a));
  const ended = await view<EventsView>("events?type=CallEnded");
  expect(ended.events.map(({ detail }) => (detail as { callId: string }).callId)).toEqual([
    calls.missed,
    calls.declined,
    calls.completed,
  ]);
  expect((await view<EventsView>(`events?type=CallEnded&call=${calls.declined}`)).events).toHaveLength(1);
});

test("the stack says what is looked at and where an operator signs in", async () => {
  expect(await view<StackView>("stack")).toMatchObject({
    stack: "Ringmaster",
    account: "000000000000",
    isLocal: true,
    signIn: { endpoint: "http://127.0.0.1:4566", userPoolId: world.runtime.outputs["UserPoolId"] },
    apiUrl: world.runtime.outputs["ApiUrl"],
  });
});

test("a deletion is shown while it runs and when it is over", async () => {
  const dave = await world.phone("dave");
  const asked = await dave.send({ action: "deleteClientIds", clientIds: [dave.clientId] });
  const operationId = String(asked.body["operationId"]);
  const [row] = (await view<OperationsView>("operations")).operations;
  expect(row).toMatchObject({ operationId, status: "running", origin: "request", dryRun: false });
  await world.clock.advance(30_000);
  const counts = { total: 1, deleted: 1, alreadyGone: 0, failed: 0, callsEnded: 0 };
  const done = { operationId, status: "done", counts };
  expect((await view<OperationsView>("operations")).operations).toMatchObject([done]);
  expect(await view<OperationView>(`operations/${operationId}`)).toMatchObject({
    ...done,
    failures: [],
    batches: { total: 1, succeeded: 1, failed: 0 },
    execution: { status: "SUCCEEDED" },
  });
});

test("dead letters are shown and stay where they are", async () => {
  const queueOf = ({ queues }: DeadLettersView) => queues.find(({ name }) => name.includes("drive-call"));
  expect((await view<DeadLettersView>("dead-letters")).queues.map(({ messages }) => messages)).not.toContain(
    1,
  );
  const QueueUrl = "http://127.0.0.1:4566/000000000000/ringmaster-drive-call-failed";
  const MessageAttributes = { ERROR_CODE: { DataType: "String", StringValue: "NO_PERMISSIONS" } };
  await world.aws("sqs", "SendMessage", {
    QueueUrl,
    MessageBody: `{"token":"${aliceToken}"}`,
    MessageAttributes,
  });
  for (const _look of [1, 2]) {
    await world.clock.advance(2_000);
    expect(queueOf(await view<DeadLettersView>("dead-letters"))).toMatchObject({
      messages: 1,
      letters: [{ attributes: { ERROR_CODE: "NO_PERMISSIONS" }, body: '{"token":"(removed)"}' }],
    });
  }
});

describe("a view that is watched", () => {
  /** What was written so far; the stream stays open until `end`. */
  async function watched(path: string) {
    const answer = await ask(path, { accept: "text/event-stream" });
    if (!("stream" in answer)) throw new Error(`${path} does not go on`);
    const written: string[] = [];
    const end = answer.stream((text) => void written.push(text));
    const last = <T>(): T => JSON.parse(written.at(-1)?.replace(/^data: /m, "") ?? "null") as T;
    return { written, end, last };
  }

  test("is sent again when it has changed, and only then, read once for all who watch it", async () => {
    const [one, other] = [await watched("calls"), await watched("calls")];
    await world.clock.advance(1_000);
    expect(one.written).toHaveLength(1);
    await world.clock.advance(180_000);
    expect(one.written).toHaveLength(1);
    const callId = String((await begin(carol)).body["callId"]);
    await world.clock.advance(1_000);
    expect(one.last<CallsView>().calls[0]).toMatchObject({ callId, status: "calling", execution: "RUNNING" });
    expect(other.last()).toEqual(one.last());
    const single = await watched(`calls/${callId}`);
    await world.clock.advance(1_000);
    const reads = (): number =>
      world.happened.filter((one) => one.kind === "aws-call" && one.operation === "ListExecutions").length;
    const before = reads();
    await carol.send({ action: "ackRinging", callId });
    await world.clock.advance(1_000);
    expect(one.last<CallsView>().calls[0]).toMatchObject({ status: "ringing" });
    expect(single.last<CallView>()).toMatchObject({
      call: { status: "ringing" },
      executions: [{ status: "RUNNING" }],
    });
    expect(reads() - before).toBeLessThanOrEqual(3);
    expect(await view<ClientsView>(`clients?search=${alice.clientId}`)).toMatchObject({
      clients: [{ activeCallId: callId }],
    });
    expect(idsOf(await view<CallsView>(`calls?client=${carol.clientId}`))[0]).toBe(callId);
    for (const { end } of [one, other, single]) end();
    const ended = one.written.length;
    await carol.send({ action: "declineCall", callId });
    await world.clock.advance(5_000);
    expect(one.written).toHaveLength(ended);
  });

  test("that cannot be read is a problem of the stream, until it can", async () => {
    const stop = world.runtime.door.interfere({
      service: "states",
      operation: "ListExecutions",
      times: Number.POSITIVE_INFINITY,
      fault: async () => {
        throw new AwsError("AccessDeniedException", "not authorized to perform: states:ListExecutions");
      },
    });
    const { written, end } = await watched("operations");
    await world.clock.advance(1_000);
    expect(written).toEqual([expect.stringMatching(/^event: problem\ndata: .*states:ListExecutions/)]);
    stop();
    await world.clock.advance(10_000);
    expect(written.at(-1)).toMatch(/^data: \{"operations":/);
    end();
  });
});

describe("the console", () => {
  test("shows no token of any kind, in no view", async () => {
    const paths = [
      "stack calls clients stages operations events dead-letters".split(" "),
      ...Object.values(calls).map((id) => `calls/${id}`),
      ...[alice, bob, carol].map(({ clientId }) => `clients/${clientId}`),
    ].flat();
    const shown = (await Promise.all(paths.map((path) => view(path))))
      .map((one) => JSON.stringify(one))
      .join();
    expect(shown.length).toBeGreaterThan(50_000);
    // A participant token, device tokens, how a task token begins: none is in there, nor whose the clients are.
    for (const secret of [aliceToken, "alice-phone", "bob-phone", "AAAAKgAAAAI"])
      expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/eyJ[\w-]+\.[\w-]+\.|"(sub|deviceToken|taskToken)":/);
  });

  test.each([
    [{ host: "ringmaster.example" }, 403],
    [{ host: "127.0.0.1.example:4000" }, 403],
    [{ host: "localhost:4000", "sec-fetch-site": "cross-site" }, 403],
    [{ host: "[::1]:4000" }, 200],
    [{ host: "localhost" }, 200],
  ])("answers %j with %i", async (headers, status) => {
    const answer = await reply("stack", headers);
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.headers).join()).not.toContain("access-control");
  });

  test("writes nothing: every request but GET is refused, and no view calls an operation that changes anything", async () => {
    expect(await reply("calls", {}, "POST")).toMatchObject({ status: 405 });
    const from = world.happened.length;
    for (const path of ["calls", "clients", "stages", "operations", "events", `calls/${calls.missed}`])
      await view(path);
    const used = world.happened
      .slice(from)
      .flatMap((one) => (one.kind === "aws-call" ? [one.operation] : []));
    expect(
      used.filter((operation) => !/^(Get|List|Describe|Query|Scan|BatchGet|Filter)/.test(operation)),
    ).toEqual([]);
  });
});
