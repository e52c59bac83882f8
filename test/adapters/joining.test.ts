/** Joining a call in DynamoDB: slots, attempts, keys, and calls that a client has left, all or nothing. */
import { beforeEach, describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { busyCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { IDEMPOTENCY_KEY_HOURS } from "../../calls/limits.ts";
import type { Rate } from "../../calls/rate.ts";
import { answer, ring } from "../../calls/answering.ts";
import type { Counted } from "../../calls/standing.ts";
import { type Admission, admission, type AdmissionRequest } from "../../handlers/store/admission-store.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { type ClientStore, clientStore } from "../../handlers/store/client-store.ts";
import { type PersonStore, personStore } from "../../handlers/store/person-store.ts";
import { leaseItem } from "../../handlers/media/ivs/pool/lease-stage.ts";
import type { PooledStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { type StageStore, stageStore } from "../../handlers/media/ivs/pool/stage-store.ts";
import {
  ALICE,
  BOB,
  callFrom,
  callId,
  CAROL,
  device,
  freeStage,
  NOW,
  register,
  storeCall,
} from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let admissions: Admission;
let calls: ReturnType<typeof callStore>;
let clients: ClientStore;
let stages: StageStore;
let persons: PersonStore;
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
  persons = personStore(tables.env);
  await stages.add(stage);
  alice = await register(clients, ALICE, device(ALICE, "alices-phone", { GCM: "alices-token" }));
  bob = await register(clients, BOB, device(BOB, "bobs-phone", { GCM: "bobs-token" }));
  carol = await register(clients, CAROL, device(CAROL, "carols-phone", { GCM: "carols-token" }));
});

const CALL = callId(1);
const first = { sinceMs: NOW, count: 1 };
const second = { sinceMs: NOW, count: 2 };
const slotOf = async ({ clientId }: Client) => (await clients.read(clientId))?.activeCallId;
const attemptsOf = async ({ sub }: Client) => (await persons.read(sub)).calls;
/** One more attempt of Alice's, after the count that was read. */
const counting = (next: Rate, seen?: Rate): Counted => ({
  sub: ALICE.sub,
  deed: "calls",
  seen,
  next,
  atMs: NOW,
});

function changed(call: Call, rule: ReturnType<typeof answer>): Call {
  const decision = rule(call, NOW + 1_000);
  if (decision.kind !== "changed") throw new Error(`expected a change, got ${decision.kind}`);
  return decision.call;
}
const leasing = (on: PooledStage, n = 1, nowMs = NOW) => [
  leaseItem(tables.env.STAGES_TABLE, on, callId(n), nowMs),
];
const asked = (more: Partial<AdmissionRequest> = {}, n = 1): AdmissionRequest => {
  const { stageId, arn, endpoints } = stage;
  const call = callFrom(alice, bob, { n, on: { stageId, arn, endpoints } });
  return { call, clients: [alice, bob], leftCalls: [], claims: leasing(stage, n), ...more };
};

describe("joining a call", () => {
  const call = callFrom(ALICE, BOB);
  const joined = changed(call, answer(2, undefined));
  const join = (more: object = {}) =>
    admissions.join({ previous: call, next: joined, clients: [carol], leftCalls: [], ...more });
  beforeEach(() => storeCall(tables, call));

  test("writes the call and takes the slot", async () => {
    expect(await join()).toEqual({ kind: "joined" });
    expect([await calls.read(CALL), await slotOf(CAROL)]).toEqual([joined, CALL]);
  });

  test("conflicts if the call has changed since it was read, and takes no slot", async () => {
    const other = changed(call, ring(2, undefined));
    await calls.replace(call, other);
    expect(await join()).toEqual({ kind: "conflict" });
    expect([await calls.read(CALL), await slotOf(CAROL)]).toEqual([other, undefined]);
  });

  test("names the other call if that has taken the slot, and does not change its own", async () => {
    await tables.set("CLIENTS_TABLE", { clientId: CAROL.clientId }, "activeCallId", callId(3));
    expect(await join()).toEqual({ kind: "taken", by: callId(3) });
    expect(await calls.read(CALL)).toEqual(call);
  });

  test("is refused to a client that belongs to another person by now", async () => {
    expect(await join({ clients: [{ ...carol, sub: "sub-of-mallory" }] })).toEqual({
      kind: "client_changed",
    });
    expect(await calls.read(CALL)).toEqual(call);
  });

  test("counts an attempt of the person who acts, even if their slot is not taken", async () => {
    expect(await join({ counted: counting(first) })).toEqual({ kind: "joined" });
    expect([await attemptsOf(ALICE), await slotOf(ALICE), await slotOf(CAROL)]).toEqual([
      first,
      undefined,
      CALL,
    ]);
  });

  test("succeeds for exactly one of two clients that have read the same call", async () => {
    const outcomes = await Promise.all([join(), join({ clients: [bob] })]);
    expect(outcomes.filter(({ kind }) => kind === "joined")).toHaveLength(1);
    const slots = [await slotOf(CAROL), await slotOf(BOB)];
    expect(slots.filter((slot) => slot === CALL)).toHaveLength(1);
  });
});

describe("a living call that a client has left", () => {
  const left = callFrom(BOB, CAROL, { n: 2 });
  const entering = () => {
    const stale = { ...bob, activeCallId: left.callId };
    return asked({ clients: [alice, stale], leftCalls: [left] });
  };
  beforeEach(async () => {
    await storeCall(tables, left);
    await tables.set("CLIENTS_TABLE", { clientId: BOB.clientId }, "activeCallId", left.callId);
  });

  test("gives its slot to the next call if it has not changed since it was read", async () => {
    expect(await admissions.admit(entering())).toEqual({ kind: "admitted" });
    expect(await slotOf(BOB)).toBe(CALL);
    expect(await calls.read(left.callId)).toEqual(left);
  });

  test("keeps the slot if it has changed, because the client may have rejoined", async () => {
    await calls.replace(left, changed(left, answer(2, undefined)));
    expect(await admissions.admit(entering())).toEqual({ kind: "conflict" });
    expect([await slotOf(BOB), await slotOf(ALICE), await calls.read(CALL)]).toEqual([
      left.callId,
      undefined,
      undefined,
    ]);
  });
});

describe("attempts", () => {
  test("are counted in the admission itself, from none and from one", async () => {
    await admissions.admit(asked({ counted: counting(first) }));
    expect([await slotOf(ALICE), await attemptsOf(ALICE)]).toEqual([CALL, first]);
    const busy = busyCall({
      callId: callId(2),
      caller: alice,
      callees: [bob],
      media: "audio",
      maxCallSeconds: 60,
      nowMs: NOW,
    });
    expect(await admissions.recordBusy(busy, counting(second, first))).toEqual({ kind: "recorded" });
    expect(await attemptsOf(ALICE)).toEqual(second);
  });

  test("that another request counted meanwhile are a conflict, and nothing is written", async () => {
    await persons.count(counting(first));
    expect(await admissions.admit(asked({ counted: counting(first) }))).toEqual({
      kind: "conflict",
    });
    const request = asked({ counted: counting(second, { sinceMs: NOW - 1, count: 1 }) });
    expect(await admissions.admit(request)).toEqual({ kind: "conflict" });
    expect([await calls.read(CALL), await slotOf(BOB), await attemptsOf(ALICE)]).toEqual([
      undefined,
      undefined,
      first,
    ]);
  });
});

describe("the record of a busy attempt", () => {
  const record = (n = 1) =>
    busyCall({
      callId: callId(n),
      caller: alice,
      callees: [bob],
      media: "audio",
      maxCallSeconds: 60,
      nowMs: NOW,
    });

  test("is stored with the attempt that it counts, and takes no slot", async () => {
    expect(await admissions.recordBusy(record(), counting(first))).toEqual({ kind: "recorded" });
    expect(await calls.read(CALL)).toEqual(record());
    expect([await attemptsOf(ALICE), await slotOf(ALICE), await slotOf(BOB)]).toEqual([
      first,
      undefined,
      undefined,
    ]);
  });

  test("is written by one of two simultaneous requests that read the same count, so that the limit holds", async () => {
    const both = [1, 2].map((n) => admissions.recordBusy(record(n), counting(first)));
    expect((await Promise.all(both)).map(({ kind }) => kind).toSorted()).toEqual(["conflict", "recorded"]);
    expect(await attemptsOf(ALICE)).toEqual(first);
  });

  test("never replaces a call, and is not written for a person who was signed out meanwhile", async () => {
    await storeCall(tables, callFrom(ALICE, BOB));
    expect(await admissions.recordBusy(record(), counting(first))).toEqual({ kind: "conflict" });
    await persons.refuse(ALICE.sub, NOW + 60_000, NOW);
    expect(await admissions.recordBusy(record(2), counting(first))).toEqual({ kind: "conflict" });
    expect([await calls.read(callId(2)), await attemptsOf(ALICE)]).toEqual([undefined, undefined]);
  });
});

describe("an Idempotency-Key", () => {
  test("is claimed with the record of a busy attempt, and returns that record to a repeat", async () => {
    const record = (n: number) =>
      busyCall({
        callId: callId(n),
        caller: alice,
        callees: [bob],
        media: "audio",
        maxCallSeconds: 60,
        nowMs: NOW,
      });
    expect(await admissions.recordBusy(record(1), counting(first), key)).toEqual({ kind: "recorded" });
    const repeated = { kind: "repeated", callId: CALL, request: key.request };
    expect(await admissions.recordBusy(record(2), counting(second, first), key)).toEqual(repeated);
    expect(await again()).toEqual(repeated);
    expect([await calls.read(callId(2)), await attemptsOf(ALICE)]).toEqual([undefined, first]);
  });

  const key = { id: "hash-of-the-key", request: "hash-of-the-request" };
  const again = (more: object = {}) => admissions.admit(asked({ key, ...more }, 2));

  test("is claimed with the call, and returns the call to a repeat, whatever the slots contain by then", async () => {
    expect(await admissions.admit(asked({ key }))).toEqual({ kind: "admitted" });
    expect(await again()).toEqual({ kind: "repeated", callId: CALL, request: key.request });
    expect(await again({ key: { ...key, request: "another" } })).toMatchObject({ request: key.request });
    expect(await calls.read(callId(2))).toBeUndefined();
  });

  test("is not claimed by an admission that fails", async () => {
    await tables.set("CLIENTS_TABLE", { clientId: BOB.clientId }, "activeCallId", callId(3));
    expect((await admissions.admit(asked({ key }))).kind).toBe("taken");
    expect(await tables.stored("CALLS_TABLE", { pk: `key#${key.id}`, sk: "key" })).toBeUndefined();
  });

  test("of two simultaneous requests begins one call", async () => {
    await stages.add(freeStage("stage-b"));
    const other = asked({ key, clients: [carol], claims: leasing(freeStage("stage-b"), 2) }, 2);
    const outcomes = await Promise.all([admissions.admit(asked({ key })), admissions.admit(other)]);
    expect(outcomes.filter(({ kind }) => kind === "admitted")).toHaveLength(1);
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([expect.stringMatching(/repeated|conflict/)]),
    );
  });

  test("is free again after a day, even if its row still exists", async () => {
    const dayMs = IDEMPOTENCY_KEY_HOURS * 3_600_000;
    await admissions.admit(asked({ key }));
    const pooled = (ms: number) => ({ ...freeStage("stage-b"), endpointsAtMs: NOW + ms });
    const later = (ms: number) => {
      const claims = leasing(pooled(ms), 2, NOW + ms);
      const request = asked({ key, clients: [carol], claims }, 2);
      return { ...request, call: { ...request.call, createdAtMs: NOW + ms } };
    };
    await stages.add(pooled(dayMs + 1_000));
    expect((await admissions.admit(later(dayMs))).kind).toBe("repeated");
    expect((await admissions.admit(later(dayMs + 1_000))).kind).toBe("admitted");
  });
});
