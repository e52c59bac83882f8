/** A repeat with the same Idempotency-Key is the same call. */
import { expect, test } from "vitest";
import type { InputOf } from "../../api/commands.ts";
import { decline, endLeg } from "../../calls/ending.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import {
  after,
  ALICE,
  alice,
  at,
  BOB,
  bob,
  CALL,
  CALLEE,
  CALLER,
  calling,
  CAROL,
  carol,
} from "../builders.ts";
import { ALICE_HERSELF, begun, BOB_HIMSELF, world } from "./world.ts";

type World = ReturnType<typeof world>;
const TAP: InputOf<"initiateCall"> = {
  callerId: ALICE,
  calleeId: BOB,
  media: "audio",
  idempotencyKey: "tap",
};
const tap = (it: World, more: Partial<typeof TAP> = {}) =>
  initiateCall(it, ALICE_HERSELF, { ...TAP, ...more });

/** Alice has called Bob with the key, and he has declined. Both are free again. */
async function declined() {
  const it = world();
  await tap(it);
  const call = begun(it);
  it.calls.items.set(call.callId, after(call, decline(CALLEE, undefined), at(3)));
  for (const client of [alice(), bob()]) it.clients.items.set(client.clientId, client);
  return { it, callId: call.callId };
}

test("while the call rings, a repeat returns that call, with the same token while it is valid", async () => {
  const it = world();
  const { callId } = await tap(it);
  expect(await tap(it)).toMatchObject({ callId, token: `token of ${callId}-1-1` });
  it.edge.setNow(at(91));
  expect(await tap(it)).toMatchObject({ callId, token: `token of ${callId}-1-2` });
  expect(it.calls.items.size).toBe(1);
});

test("an option that this version does not know also makes it another request", async () => {
  const it = world();
  await tap(it);
  await expect(tap(it, { recorded: true } as object)).rejects.toMatchObject({
    code: "idempotency_key_reused",
  });
});

test("a repeat after a decline learns of the decline, and Bob's phone does not ring again", async () => {
  const { it, callId } = await declined();
  await expect(tap(it)).rejects.toMatchObject({
    code: "call_over",
    status: 410,
    details: { callId, endReason: "declined" },
  });
  expect([it.calls.items.size, it.clients.items.get(BOB)?.activeCallId]).toEqual([1, undefined]);
});

test("a request without the key, or with another key, is another call", async () => {
  for (const idempotencyKey of [undefined, "next-tap"]) {
    const { it, callId } = await declined();
    expect((await tap(it, { idempotencyKey })).callId).not.toBe(callId);
  }
});

test("the same key with another request is refused, and begins no call", async () => {
  const { it, callId } = await declined();
  for (const other of [{ calleeId: CAROL }, { media: "video" as const }]) {
    await expect(tap(it, other)).rejects.toMatchObject({
      code: "idempotency_key_reused",
      status: 422,
      details: { callId },
    });
  }
  expect(it.calls.items.size).toBe(1);
});

test("the order of a group makes no difference, and calleeId equals a group of one", async () => {
  const it = world();
  const group = { calleeId: undefined, calleeIds: [BOB, CAROL] };
  const { callId } = await tap(it, group);
  for (const client of [alice(), bob(), carol()]) it.clients.items.set(client.clientId, client);
  expect((await tap(it, { ...group, calleeIds: [CAROL, BOB] })).callId).toBe(callId);
  const { it: other } = await declined();
  await expect(tap(other, { calleeId: undefined, calleeIds: [BOB] })).rejects.toMatchObject({
    code: "call_over",
  });
});

test("the same key of another person is another key", async () => {
  const { it } = await declined();
  const his = { ...TAP, callerId: BOB, calleeId: ALICE };
  expect(await initiateCall(it, BOB_HIMSELF, his)).toMatchObject({ status: "calling", callerId: BOB });
});

test("a repeat that arrives during the admission of the first is compared with it", async () => {
  const it = world();
  it.calls.items.set(CALL, calling());
  it.admission.others.push(() => ({ kind: "repeated", callId: CALL, request: "another request" }));
  await expect(tap(it)).rejects.toMatchObject({ code: "idempotency_key_reused" });
});

test("a repeat is the same call even if Bob is in another call by now", async () => {
  const { it, callId } = await declined();
  it.calls.items.set(CALL, calling({ caller: carol() }));
  it.clients.items.set(BOB, bob({ activeCallId: CALL }));
  await expect(tap(it)).rejects.toMatchObject({ code: "call_over", details: { callId } });
});

test("a repeat is the same call even if Alice is in another call by now", async () => {
  const { it, callId } = await declined();
  it.calls.items.set(CALL, calling({ callees: [carol()] }));
  it.clients.items.set(ALICE, alice({ activeCallId: CALL }));
  await expect(tap(it)).rejects.toMatchObject({ code: "call_over", details: { callId } });
});

test("a repeat is not counted as a new call, and the limit does not refuse it", async () => {
  const { it, callId } = await declined();
  it.persons.items.set(alice().sub, { calls: { sinceMs: at(0), count: it.limits.calls } });
  await expect(tap(it)).rejects.toMatchObject({ code: "call_over", details: { callId } });
});

test("an admission that fails does not use up the key", async () => {
  const it = world();
  it.admission.others.push(() => ({ kind: "client_changed" }));
  await expect(tap(it)).rejects.toMatchObject({ code: "no_such_client" });
  expect(await tap(it)).toMatchObject({ status: "calling" });
  expect(after(begun(it), endLeg(CALLER), at(3)).endReason).toBe("cancelled");
});

/** Bob talks to Carol. */
function busyWorld() {
  const it = world();
  it.calls.items.set(CALL, calling({ caller: carol() }));
  it.clients.items.set(BOB, bob({ activeCallId: CALL }));
  return it;
}

test("repeats while Bob is busy are one attempt: one record, one count", async () => {
  const it = busyWorld();
  const refusals = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    refusals.push(await tap(it).catch((error: unknown) => error));
  }
  const { callId } = begun(it);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ code: "callee_busy", status: 409, details: { callId } });
  }
  expect(it.calls.items.size).toBe(2);
  expect(it.persons.items.get(alice().sub)?.calls?.count).toBe(1);
});

test("a repeat learns that Bob was busy even if he is free by then, and the next tap calls him", async () => {
  const it = busyWorld();
  await expect(tap(it)).rejects.toMatchObject({ code: "callee_busy" });
  const { callId } = begun(it);
  it.clients.items.set(BOB, bob());
  await expect(tap(it)).rejects.toMatchObject({ code: "callee_busy", details: { callId } });
  expect(await tap(it, { idempotencyKey: "next-tap" })).toMatchObject({ status: "calling" });
});

test("a repeat publishes the busy attempt again, in case the first publication failed", async () => {
  const it = busyWorld();
  it.publisher.state.failures = 1;
  await expect(tap(it)).rejects.toThrow("the bus is away");
  await expect(tap(it)).rejects.toMatchObject({ code: "callee_busy" });
  expect(it.publisher.names()).toContain("CallInitiated");
});

test("two simultaneous requests to a busy callee are one attempt", async () => {
  const it = busyWorld();
  const record = it.admission.recordBusy.bind(it.admission);
  it.admission.recordBusy = async (...asked) => {
    it.admission.recordBusy = record;
    // The other request has read the same state and writes first.
    await expect(tap(it)).rejects.toMatchObject({ code: "callee_busy" });
    return record(...asked);
  };
  const refusal: unknown = await tap(it).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "callee_busy", details: { callId: begun(it).callId } });
  expect(it.calls.items.size).toBe(2);
});
