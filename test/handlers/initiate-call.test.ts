import { describe, expect, test } from "vitest";
import type { Client } from "../../calls/client.ts";
import { INITIAL_STATE } from "../../handlers/media/ivs/pool/pool-keeper.ts";
import { MAX_ADMISSION_ATTEMPTS } from "../../calls/limits.ts";
import { ring } from "../../calls/answering.ts";
import { endBy } from "../../calls/ending.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import {
  after,
  ALICE,
  alice,
  ALICES_PHONE,
  answered,
  at,
  BOB,
  bob,
  CALL,
  CALLEE,
  calling,
  callId,
  CAROL,
  carol,
  completed,
  ringing,
} from "../builders.ts";
import { ALICE_HERSELF, begun, BOB_HIMSELF, CAROL_HERSELF, world } from "./world.ts";

type World = ReturnType<typeof world>;
const ALICE_CALLS_BOB = { callerId: ALICE, calleeId: BOB, media: "video", deviceId: ALICES_PHONE } as const;
const aliceCallsBob = (it: World) => initiateCall(it, ALICE_HERSELF, ALICE_CALLS_BOB);
const slotsOf = ({ clients }: World, ...ids: Client["clientId"][]) =>
  ids.map((clientId) => clients.items.get(clientId)?.activeCallId);
const stagesIn = ({ stages }: World, status: string) =>
  [...stages.items.values()].filter((stage) => stage.status === status).map(({ stageId }) => stageId);
const withDevice = (it: World, client: Client) =>
  it.clients.items.set(client.clientId, { ...client, devices: { phone: at(0) } });

describe("Alice calls Bob, and both are free", () => {
  test("Alice gets her token, both slots name the call, a stage is leased, and CallInitiated is published", async () => {
    const it = world();
    const reply = await aliceCallsBob(it);
    const call = begun(it);
    expect(reply).toMatchObject({
      token: `token of ${call.callId}-1-1`,
      callId: call.callId,
      status: "calling",
      media: "video",
      ringExpiresAtMs: at(45),
    });
    expect(slotsOf(it, ALICE, BOB)).toEqual([call.callId, call.callId]);
    expect(stagesIn(it, "leased")).toEqual([call.stage?.stageId]);
    expect(it.publisher.names()).toEqual(["CallInitiated", "LegUpdated", "LegUpdated"]);
    expect(it.edge.pauses).toEqual([]);
  });

  test("the call keeps the caller's name for its pushes: from the directory, else the username", async () => {
    const it = world();
    await aliceCallsBob(it);
    expect(begun(it).callerName).toBe(alice().username);
    const listed = world();
    listed.directory.names.set(alice().sub, "Alice Adams");
    await aliceCallsBob(listed);
    expect(begun(listed).callerName).toBe("Alice Adams");
    listed.directory.names.set(carol().sub, "Carol Albright");
    await expect(
      initiateCall(listed, CAROL_HERSELF, { callerId: CAROL, calleeId: BOB, media: "audio" }),
    ).rejects.toMatchObject({ code: "callee_busy" });
    expect(begun(listed)).toMatchObject({ endReason: "busy", callerName: "Carol Albright" });
  });

  test("the reply contains no owners, stages or endpoints", async () => {
    const { token: _token, ...reply } = await aliceCallsBob(world());
    expect(JSON.stringify(reply)).not.toMatch(/sub-of|arn:|wss:|taskToken/);
  });
});

describe("one of them is in a call already", () => {
  test("Alice calls Bob again: the same call, the same token, and CallInitiated once more", async () => {
    const it = world(ringing());
    expect(await aliceCallsBob(it)).toMatchObject({
      token: `token of ${CALL}-1-1`,
      callId: CALL,
      status: "ringing",
    });
    expect(it.publisher.names()).toContain("CallInitiated");
    expect([it.calls.items.size, stagesIn(it, "leased")]).toEqual([1, []]);
  });

  test("Bob's call to Alice while she calls him answers her call", async () => {
    const it = world(ringing());
    withDevice(it, it.clients.items.get(ALICE) as Client);
    const reply = await initiateCall(it, BOB_HIMSELF, { callerId: BOB, calleeId: ALICE, media: "audio" });
    expect(reply).toMatchObject({ token: `token of ${CALL}-2-1`, callId: CALL, status: "answered" });
    expect(it.publisher.names()).toContain("CallAnswered");
  });

  test("Alice is in another call: the refusal names it", async () => {
    const it = world(calling({ callees: [carol()] }));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({
      code: "caller_in_call",
      details: { callId: CALL },
    });
    expect(it.calls.items.size).toBe(1);
  });

  test("Bob is in another call: the attempt is recorded and published, so that he sees a missed call", async () => {
    const it = world(calling({ caller: carol() }));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "callee_busy" });
    expect(begun(it)).toMatchObject({ status: "ended", endReason: "busy", callerId: ALICE, calleeId: BOB });
    expect(it.publisher.events[0]).toMatchObject({
      name: "CallInitiated",
      detail: { callId: begun(it).callId, endReason: "busy" },
    });
    expect(slotsOf(it, ALICE, BOB)).toEqual([undefined, CALL]);
  });

  test("both are in other calls: the refusal is about Alice's", async () => {
    const it = world(calling({ callees: [carol()] }), calling({ callId: callId(2), caller: carol() }));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "caller_in_call" });
  });
});

describe("a slot counts only while its call lives", () => {
  test.each([
    ["not if the call has ended and is not cleaned up yet", completed(), at(61)],
    ["not if the call is past its deadline", ringing(), at(105)],
    ["not if the call does not exist any more", undefined, at(61)],
  ])("%s", async (_why, dead, nowMs) => {
    const it = world(calling());
    it.calls.items.delete(CALL);
    if (dead) it.calls.items.set(CALL, dead);
    it.edge.setNow(nowMs);
    const { callId: id } = await aliceCallsBob(it);
    expect(id).not.toBe(CALL);
    expect(slotsOf(it, ALICE, BOB)).toEqual([id, id]);
  });

  test("a living call that takes the slot during the admission counts", async () => {
    const it = world();
    it.admission.others.push(() => {
      it.calls.items.set(CALL, calling({ caller: carol() }));
      it.clients.items.set(BOB, bob({ activeCallId: CALL }));
      return undefined;
    });
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "callee_busy" });
    expect(stagesIn(it, "leased")).toEqual([]);
  });

  test("Alice's second tap during the admission of the first is the same call", async () => {
    const it = world();
    it.admission.others.push(() => {
      it.calls.items.set(CALL, calling());
      for (const id of [ALICE, BOB]) {
        it.clients.items.set(id, { ...(it.clients.items.get(id) as Client), activeCallId: CALL });
      }
      return undefined;
    });
    expect(await aliceCallsBob(it)).toMatchObject({ callId: CALL });
  });
});

describe("other requests are faster", () => {
  test("the next candidate replaces a lost stage, without another query", async () => {
    const it = world();
    const lose = () => {
      const [first] = stagesIn(it, "free");
      it.stages.items.delete(first as string);
      return undefined;
    };
    it.admission.others.push(lose, lose);
    await aliceCallsBob(it);
    expect([it.stages.state.queries, stagesIn(it, "leased").length]).toEqual([1, 1]);
    expect(it.edge.pauses).toEqual([]);
  });

  test("a conflict does not mean busy: the admission tries again after a moment, with the same stage", async () => {
    const it = world();
    it.admission.others.push(
      () => ({ kind: "conflict" }),
      () => ({ kind: "conflict" }),
    );
    await aliceCallsBob(it);
    expect(it.edge.pauses).toHaveLength(2);
    for (const pause of it.edge.pauses) expect(pause).toBeLessThan(100);
    expect(stagesIn(it, "leased")).toEqual(["stage-1"]);
  });

  test("the admission gives up after too many conflicts", async () => {
    const it = world();
    for (let tries = 0; tries < MAX_ADMISSION_ATTEMPTS; tries += 1)
      it.admission.others.push(() => ({ kind: "conflict" }));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({
      code: "try_again",
      details: { retryAfterSeconds: 1 },
    });
    expect([it.calls.items.size, it.publisher.state.attempts]).toEqual([0, 0]);
  });

  test("a client that is deleted meanwhile cannot be called", async () => {
    const it = world();
    it.admission.others.push(() => ({ kind: "client_changed" }));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "no_such_client" });
  });
});

describe("no stage is free", () => {
  test("the call is refused and takes no slot, and Retry-After is when the keeper expects a stage", async () => {
    const it = world();
    it.stages.items.clear();
    it.keeper.stored.state = { ...INITIAL_STATE, countedAtMs: at(0), refillAtMs: at(7) };
    await expect(aliceCallsBob(it)).rejects.toMatchObject({
      code: "no_stage",
      details: { retryAfterSeconds: 7 },
    });
    expect(slotsOf(it, ALICE, BOB)).toEqual([undefined, undefined]);
  });

  test("the call is refused even if the keeper's state cannot be read", async () => {
    const it = world();
    it.stages.items.clear();
    it.keeper.read = () => Promise.reject(new Error("the table is away"));
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "no_stage" });
  });

  test("the admission queries again once other requests have taken all its candidates", async () => {
    const it = world();
    for (let lost = 0; lost < 8; lost += 1) it.admission.others.push(() => ({ kind: "room_lost" }));
    await aliceCallsBob(it);
    expect(stagesIn(it, "leased")).toHaveLength(1);
  });
});

describe("few stages are left", () => {
  test("the request that announces the call also wakes the keeper of the pool", async () => {
    const it = world();
    it.stages.items.delete("stage-1");
    await aliceCallsBob(it);
    expect(it.publisher.state.attempts).toBe(1);
    expect(it.publisher.events.at(-1)).toEqual({ name: "StagePoolLow", detail: { v: 1, atMs: at(0) } });
  });

  test("the keeper is not woken while enough stages are free", async () => {
    const it = world();
    await aliceCallsBob(it);
    expect(it.publisher.names()).not.toContain("StagePoolLow");
  });
});

describe("CallInitiated cannot be published", () => {
  test("once: the publication is repeated, and Alice notices nothing", async () => {
    const it = world();
    it.publisher.state.failures = 1;
    expect(await aliceCallsBob(it)).toMatchObject({ status: "calling" });
    expect(it.publisher.names()[0]).toBe("CallInitiated");
  });

  test("twice: the call ends as failed, and Alice may try again at once", async () => {
    const it = world();
    it.publisher.state.failures = 2;
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "try_again" });
    const failed = begun(it);
    expect(failed).toMatchObject({ status: "ended", endReason: "failed" });
    expect(await aliceCallsBob(it)).not.toMatchObject({ callId: failed.callId });
  });

  test("twice, but the callee rings: the event did arrive, and the call goes on", async () => {
    const it = world();
    it.publisher.state.failures = 2;
    it.calls.others.push((call) => after(call, ring(CALLEE, undefined), at(1)));
    expect(await aliceCallsBob(it)).toHaveProperty("token");
    expect(begun(it).status).toBe("ringing");
  });
});

describe("callers and callees", () => {
  const refused = (it: World, person = ALICE_HERSELF, input: object = {}) =>
    initiateCall(it, person, { ...ALICE_CALLS_BOB, ...input });

  test("a person cannot call from another person's client", async () => {
    await expect(refused(world(), CAROL_HERSELF)).rejects.toMatchObject({ code: "not_your_client" });
  });

  test("a client cannot call itself", async () => {
    await expect(refused(world(), ALICE_HERSELF, { calleeId: ALICE })).rejects.toMatchObject({
      code: "invalid_request",
      details: { errors: [{ field: "calleeId" }] },
    });
  });

  test("a client that does not exist can neither call nor be called, and the problem names it", async () => {
    for (const gone of [ALICE, BOB]) {
      const it = world();
      it.clients.items.delete(gone);
      const expected = { code: "no_such_client", message: `client ${gone} does not exist` };
      await expect(refused(it)).rejects.toMatchObject(expected);
    }
  });

  test("a client without devices is admitted: only the push finds that it is unreachable", async () => {
    const it = world();
    it.clients.items.set(CAROL, carol({ devices: {} }));
    expect(await refused(it, ALICE_HERSELF, { calleeId: CAROL })).toMatchObject({ status: "calling" });
    expect(slotsOf(it, CAROL)).toEqual([begun(it).callId]);
  });
});

test("a repeat in an answered call returns a fresh token and wakes no workflow", async () => {
  const it = world(answered());
  it.edge.setNow(at(100));
  expect(await aliceCallsBob(it)).toMatchObject({ token: `token of ${CALL}-1-2`, status: "answered" });
  expect(it.publisher.events).toEqual([]);
});

test("a call that ends while Alice rejoins it is over", async () => {
  const it = world(ringing());
  it.edge.setNow(at(95));
  it.calls.others.push((call) => after(call, endBy("missed"), at(95)));
  await expect(aliceCallsBob(it)).rejects.toMatchObject({
    code: "call_over",
    details: { endReason: "missed" },
  });
});
