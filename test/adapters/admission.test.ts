/** Admission in DynamoDB: the call, both slots and the stage, all or nothing. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Client } from "../../calls/client.ts";
import { leased, oldestEndpointsMs, type PooledStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { type Admission, admission, type AdmissionRequest } from "../../handlers/store/admission-store.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { type ClientStore, clientStore } from "../../handlers/store/client-store.ts";
import { leaseItem } from "../../handlers/media/ivs/pool/lease-stage.ts";
import { type StageStore, stageStore } from "../../handlers/media/ivs/pool/stage-store.ts";
import { ALICE, BOB, callFrom, callId, CAROL, DAVE, device, freeStage, NOW, register } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let admissions: Admission;
let calls: ReturnType<typeof callStore>;
let clients: ClientStore;
let stages: StageStore;
let alice: Client;
let bob: Client;
let carol: Client;
const stage = freeStage("stage-a");

openForEach(openTables, async (opened) => {
  tables = opened;
  admissions = admission(tables.env);
  calls = callStore(tables.env);
  clients = clientStore(tables.env);
  stages = stageStore(tables.env);
  await stages.add(stage);
  alice = await register(clients, ALICE, device(ALICE, "alices-phone", { GCM: "alices-token" }));
  bob = await register(clients, BOB, device(BOB, "bobs-phone", { GCM: "bobs-token" }));
  carol = await register(clients, CAROL, device(CAROL, "carols-phone", { GCM: "carols-token" }));
});

const CALL = callId(1);
const OTHER = callId(2);

function asked(
  caller: Client,
  callee: Client,
  more: { n?: number; on?: PooledStage } = {},
): AdmissionRequest & { readonly on: PooledStage } {
  const { n = 1, on = stage } = more;
  const { stageId, arn, endpoints } = on;
  const call = callFrom(caller, callee, { n, on: { stageId, arn, endpoints }, nowMs: NOW });
  const claims = [leaseItem(tables.env.STAGES_TABLE, on, call.callId, NOW)];
  return { call, clients: [caller, callee], leftCalls: [], claims, on };
}
const slotOf = async ({ clientId }: Client) => (await clients.read(clientId))?.activeCallId;
const pointTo = (call: string, { clientId }: Client) =>
  tables.set("CLIENTS_TABLE", { clientId }, "activeCallId", call);

/** Alice's call to Bob has written nothing, and the slots and the stage are as before. */
async function expectNothingWritten(
  slots: { alice?: string; bob?: string } = {},
  pooled = stage,
): Promise<void> {
  expect(await calls.read(CALL)).toBeUndefined();
  expect(await slotOf(ALICE)).toBe(slots.alice);
  expect(await slotOf(BOB)).toBe(slots.bob);
  expect(await stages.read(pooled.stageId)).toEqual(pooled);
}

test("an admitted call is stored, holds both slots and leases its stage", async () => {
  const request = asked(alice, bob);
  expect(await admissions.admit(request)).toEqual({ kind: "admitted" });
  expect(await calls.read(CALL)).toEqual(request.call);
  expect(await clients.read(ALICE.clientId)).toEqual({ ...alice, activeCallId: CALL });
  expect(await clients.read(BOB.clientId)).toEqual({ ...bob, activeCallId: CALL });
  expect(await stages.read("stage-a")).toEqual(leased(stage, CALL, NOW));
  expect(await stages.free({ limit: 10 })).toEqual([]);
});

describe("a slot that is taken", () => {
  test("by another call of the caller names that call, and nothing is written", async () => {
    await pointTo(OTHER, ALICE);
    expect(await admissions.admit(asked(alice, bob))).toEqual({ kind: "taken", by: OTHER });
    await expectNothingWritten({ alice: OTHER });
  });

  test("by another call of the callee names that call, and nothing is written", async () => {
    await pointTo(OTHER, BOB);
    expect(await admissions.admit(asked(alice, bob))).toEqual({ kind: "taken", by: OTHER });
    await expectNothingWritten({ bob: OTHER });
  });

  test("by the same call that the request has read is taken over", async () => {
    await pointTo(OTHER, ALICE);
    await pointTo(OTHER, BOB);
    const stale = asked({ ...alice, activeCallId: OTHER }, { ...bob, activeCallId: OTHER });
    expect(await admissions.admit(stale)).toEqual({ kind: "admitted" });
    expect([await slotOf(ALICE), await slotOf(BOB)]).toEqual([CALL, CALL]);
  });

  test("when it was read, but is free by now, goes to the new call", async () => {
    expect(await admissions.admit(asked({ ...alice, activeCallId: OTHER }, bob))).toEqual({
      kind: "admitted",
    });
  });

  test("by a newer call than the one that was read is not taken over", async () => {
    const newer = callId(3);
    await pointTo(newer, BOB);
    const stale = asked(alice, { ...bob, activeCallId: OTHER });
    expect(await admissions.admit(stale)).toEqual({ kind: "taken", by: newer });
    await expectNothingWritten({ bob: newer });
  });
});

describe("a client that has changed", () => {
  test.each(["caller", "callee"] as const)("a %s with another owner by now is not admitted", async (role) => {
    const request = asked(alice, bob);
    const party = { caller: alice, callee: bob }[role];
    const parties = request.clients.map((client) =>
      client === party ? { ...client, sub: "sub-of-mallory" } : client,
    );
    expect(await admissions.admit({ ...request, clients: parties })).toEqual({ kind: "client_changed" });
    await expectNothingWritten();
  });

  test("a person who does not own the client does not learn its call", async () => {
    await pointTo(OTHER, ALICE);
    const request = asked({ ...alice, sub: "sub-of-mallory" }, bob);
    expect(await admissions.admit(request)).toEqual({ kind: "client_changed" });
  });

  test("a callee that is deleted by now is not created again", async () => {
    expect(await admissions.admit(asked(alice, DAVE))).toEqual({ kind: "client_changed" });
    expect(await clients.read(DAVE.clientId)).toBeUndefined();
    await expectNothingWritten();
  });
});

describe("a stage that cannot be leased", () => {
  test("because another call was faster is lost, and nothing is written", async () => {
    const held = leased(stage, OTHER, NOW);
    await stages.replace(stage, held);
    expect(await admissions.admit(asked(alice, bob))).toEqual({ kind: "room_lost" });
    await expectNothingWritten({}, held);
  });

  test("because its endpoints are too old is lost, and one a moment younger is not", async () => {
    const oldest = oldestEndpointsMs(NOW);
    const tooOld = { ...freeStage("too-old"), endpointsAtMs: oldest - 1 };
    const inTime = { ...freeStage("in-time"), endpointsAtMs: oldest };
    await stages.add(tooOld);
    await stages.add(inTime);
    expect(await admissions.admit(asked(alice, bob, { on: tooOld }))).toEqual({ kind: "room_lost" });
    await expectNothingWritten({}, tooOld);
    expect(await admissions.admit(asked(alice, bob, { on: inTime }))).toEqual({ kind: "admitted" });
  });

  test("because it is deleted is lost", async () => {
    await stages.remove(stage);
    expect(await admissions.admit(asked(alice, bob))).toEqual({ kind: "room_lost" });
    expect(await tables.stored("STAGES_TABLE", { stageId: "stage-a" })).toBeUndefined();
  });

  test("matters less than a slot that is taken", async () => {
    await stages.replace(stage, leased(stage, OTHER, NOW));
    await pointTo(OTHER, BOB);
    expect(await admissions.admit(asked(alice, bob))).toEqual({ kind: "taken", by: OTHER });
  });
});

type Asked = ReturnType<typeof asked>;

describe("two admissions at once", () => {
  const other = freeStage("stage-b");

  /** DynamoDB may cancel the loser for the conflict itself, but must not admit both. */
  function expectOneAdmitted(kinds: string[]): number {
    const winner = kinds.indexOf("admitted");
    expect(kinds.toSpliced(winner, 1)).toEqual([expect.stringMatching(/^(taken|room_lost|conflict)$/)]);
    return winner;
  }

  test("for the same callee: exactly one wins, and the loser holds nothing", async () => {
    await stages.add(other);
    const requests = [asked(alice, bob), asked(carol, bob, { n: 2, on: other })];
    const outcomes = await Promise.all(requests.map((request) => admissions.admit(request)));
    const winner = expectOneAdmitted(outcomes.map(({ kind }) => kind));
    const [won, lost] = [requests[winner], requests[1 - winner]] as [Asked, Asked];
    const callers = [won, lost].map(({ clients: [caller] }) => slotOf(caller as Client));
    expect([await slotOf(BOB), ...(await Promise.all(callers))]).toEqual([
      won.call.callId,
      won.call.callId,
      undefined,
    ]);
    expect(await calls.read(lost.call.callId)).toBeUndefined();
    expect(await stages.read(lost.on.stageId)).toEqual(lost.on);
  });

  test("of two clients that call each other: exactly one call begins", async () => {
    await stages.add(other);
    const requests = [asked(alice, bob), asked(bob, alice, { n: 2, on: other })];
    const outcomes = await Promise.all(requests.map((request) => admissions.admit(request)));
    const won = requests[expectOneAdmitted(outcomes.map(({ kind }) => kind))]?.call.callId;
    expect([await slotOf(ALICE), await slotOf(BOB)]).toEqual([won, won]);
  });

  test("for the same stage: exactly one leases it", async () => {
    const dave = await register(clients, DAVE, device(DAVE, "daves-phone", { GCM: "daves-token" }));
    const requests = [asked(alice, bob), asked(carol, dave, { n: 2 })];
    const outcomes = await Promise.all(requests.map((request) => admissions.admit(request)));
    const won = requests[expectOneAdmitted(outcomes.map(({ kind }) => kind))];
    expect((await stages.read("stage-a"))?.callId).toBe(won?.call.callId);
  });
});

test("a call id that exists is not admitted again", async () => {
  await admissions.admit(asked(alice, bob));
  const again = await admissions.admit(
    asked(carol, { ...bob, activeCallId: CALL }, { on: freeStage("stage-a") }),
  );
  expect(again.kind).not.toBe("admitted");
  expect(await calls.read(CALL)).toMatchObject({ callerId: ALICE.clientId });
  expect(await slotOf(CAROL)).toBeUndefined();
});
