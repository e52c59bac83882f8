/** Joining a call that exists: by a late answer, by rejoining, or because a participant adds a client. */
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { newClientId } from "../../calls/ids.ts";
import { answer } from "../../calls/answering.ts";
import { endBy, endLeg, passTime } from "../../calls/ending.ts";
import { answerCall, rejoinCall } from "../../handlers/rest/join-call.ts";
import { addToCall } from "../../handlers/rest/enter-call.ts";
import {
  after,
  ALICE,
  alice,
  answered,
  at,
  bob,
  BOBS_PHONE,
  CALL,
  calling,
  callId,
  CAROL,
  carol,
  completed,
  ringing,
  blocking,
} from "../builders.ts";
import { ALICE_HERSELF, BOB_HIMSELF, CAROL_HERSELF, world } from "./world.ts";

type World = ReturnType<typeof world>;
/** Alice and Bob talk. Carol has missed the call, and her slot is free. */
const missedByCarol = (): Call =>
  after(after(calling({ callees: [bob(), carol()] }), answer(2, BOBS_PHONE), at(5)), passTime, at(45));
function lateWorld(carols: Partial<Client> = {}) {
  const it = world(missedByCarol());
  it.clients.items.set(CAROL, carol(carols));
  it.edge.setNow(at(50));
  return it;
}
const slotOf = ({ clients }: World, clientId: typeof ALICE) => clients.items.get(clientId)?.activeCallId;
const carolAnswers = (it: World) => answerCall(it, CAROL_HERSELF, { callId: CALL });

describe("answering late, while the others talk", () => {
  test("joins the call, takes the slot, and publishes LegJoined", async () => {
    const it = lateWorld();
    expect(await carolAnswers(it)).toMatchObject({ token: `token of ${CALL}-3-1`, status: "answered" });
    expect([it.calls.items.get(CALL)?.legs[3]?.status, slotOf(it, CAROL)]).toEqual(["joined", CALL]);
    expect(it.publisher.names()).toEqual(["LegJoined", "LegUpdated", "LegUpdated", "LegUpdated"]);
  });

  test("works while the slot still names the call", async () => {
    expect(await carolAnswers(lateWorld({ activeCallId: CALL }))).toHaveProperty("token");
  });

  test("is refused while the client is in another call, which the problem names", async () => {
    const other = calling({ callId: callId(2), caller: carol() });
    const it = lateWorld({ activeCallId: other.callId });
    it.calls.items.set(other.callId, other);
    await expect(carolAnswers(it)).rejects.toMatchObject({
      code: "caller_in_call",
      details: { callId: other.callId },
    });
    expect(it.calls.items.get(CALL)).toEqual(missedByCarol());
  });

  test("decides again if the call changes just before the write", async () => {
    const it = lateWorld();
    it.admission.others.push(() => {
      it.calls.items.set(CALL, { ...missedByCarol(), version: missedByCarol().version + 1 });
      return undefined;
    });
    expect(await carolAnswers(it)).toHaveProperty("token");
    expect([it.calls.items.get(CALL)?.version, it.edge.pauses.length]).toEqual([
      missedByCarol().version + 2,
      1,
    ]);
  });

  test("is too late if the others hang up just before the write", async () => {
    const it = lateWorld();
    it.admission.others.push(() => {
      it.calls.items.set(CALL, after(missedByCarol(), endLeg(1), at(50)));
      return undefined;
    });
    await expect(carolAnswers(it)).rejects.toMatchObject({
      code: "call_over",
      details: { endReason: "completed" },
    });
    expect([slotOf(it, CAROL), it.publisher.names()]).toEqual([undefined, []]);
  });

  test("is refused if another call takes the slot just before the write", async () => {
    const it = lateWorld();
    it.admission.others.push(() => {
      it.calls.items.set(callId(2), calling({ callId: callId(2), caller: carol() }));
      it.clients.items.set(CAROL, carol({ activeCallId: callId(2) }));
      return undefined;
    });
    await expect(carolAnswers(it)).rejects.toMatchObject({ code: "caller_in_call" });
  });

  test("gives up after too many conflicts, and writes and publishes nothing", async () => {
    const it = lateWorld();
    it.admission.join = async () => ({ kind: "conflict" });
    await expect(carolAnswers(it)).rejects.toMatchObject({ code: "try_again" });
    expect([it.calls.items.get(CALL), it.publisher.events]).toEqual([missedByCarol(), []]);
  });

  test("is refused in a call of two that is over, and to a client that was not to be disturbed", async () => {
    await expect(answerCall(world(completed()), BOB_HIMSELF, { callId: CALL })).rejects.toMatchObject({
      code: "call_over",
    });
    const callees = [bob(), carol({ doNotDisturbUntilMs: at(60) })];
    const it = world(after(after(calling({ callees }), answer(2, undefined), at(5)), passTime, at(45)));
    it.edge.setNow(at(50));
    await expect(carolAnswers(it)).rejects.toMatchObject({
      code: "call_over",
      details: { endReason: "unreachable" },
    });
  });
});

describe("rejoining", () => {
  test("returns the same token while it is valid, then a fresh one, and wakes no workflow", async () => {
    const it = world(answered());
    for (const [person, leg] of [
      [BOB_HIMSELF, 2],
      [ALICE_HERSELF, 1],
    ] as const) {
      const again = await rejoinCall(it, person, { callId: CALL });
      expect(again).toMatchObject({ token: `token of ${CALL}-${leg}-1` });
    }
    expect(it.calls.items.get(CALL)).toEqual(answered());
    it.edge.setNow(at(100));
    expect(await rejoinCall(it, BOB_HIMSELF, { callId: CALL })).toMatchObject({
      token: `token of ${CALL}-2-2`,
    });
    expect(await rejoinCall(it, ALICE_HERSELF, { callId: CALL })).toMatchObject({
      token: `token of ${CALL}-1-2`,
    });
    expect([it.calls.items.get(CALL)?.turn, it.publisher.events]).toEqual([answered().turn, []]);
  });

  test("does not answer: a client that still rings gets no token", async () => {
    for (const call of [calling(), ringing()]) {
      const it = world(call);
      await expect(rejoinCall(it, BOB_HIMSELF, { callId: CALL })).rejects.toMatchObject({
        code: "not_in_call",
      });
      expect(it.calls.items.get(CALL)).toEqual(call);
    }
  });

  test("is refused to a client without a joined leg in a living call", async () => {
    const refusals = [
      [world(answered()), CAROL_HERSELF, "not_your_call"],
      [world(completed()), BOB_HIMSELF, "call_over"],
      [lateWorld(), CAROL_HERSELF, "not_in_call"],
      [world(), BOB_HIMSELF, "no_such_call"],
    ] as const;
    for (const [it, person, code] of refusals)
      await expect(rejoinCall(it, person, { callId: CALL })).rejects.toMatchObject({ code });
  });

  test("finds the call over if it ends meanwhile", async () => {
    const it = world(answered());
    it.edge.setNow(at(60));
    it.calls.others.push((call) => after(call, endBy("dropped"), at(60)));
    await expect(rejoinCall(it, BOB_HIMSELF, { callId: CALL })).rejects.toMatchObject({
      details: { endReason: "dropped" },
    });
  });
});

describe("adding to a call", () => {
  const add = (it: World, calleeIds = [CAROL], person = BOB_HIMSELF) =>
    addToCall(it, person, { callId: CALL, calleeIds });

  test("rings the client, takes its slot, counts as a call, and publishes LegInvited", async () => {
    const it = world(answered());
    expect(await add(it)).toMatchObject({
      status: "answered",
      legs: [{}, {}, { clientId: CAROL, status: "invited" }],
    });
    expect([slotOf(it, CAROL), it.persons.items.get(bob().sub)?.calls?.count]).toEqual([CALL, 1]);
    expect(it.publisher.names()).toEqual(["LegInvited", "LegUpdated", "LegUpdated", "LegUpdated"]);
  });

  test("records a busy client as busy, and leaves its slot alone", async () => {
    const it = world(answered());
    it.calls.items.set(callId(2), calling({ callId: callId(2), caller: carol() }));
    it.clients.items.set(CAROL, carol({ activeCallId: callId(2) }));
    expect(await add(it)).toMatchObject({ legs: [{}, {}, { status: "left", endReason: "busy" }] });
    expect(slotOf(it, CAROL)).toBe(callId(2));
  });

  test("does not ring a client that blocks the person who adds it or the caller", async () => {
    for (const blocked of [alice(), bob()]) {
      const it = world(answered());
      it.clients.items.set(CAROL, blocking(carol(), blocked, at(0)));
      expect(await add(it)).toMatchObject({ legs: [{}, {}, { status: "invited" }] });
      expect([it.calls.items.get(CALL)?.legs[3]?.silenced, slotOf(it, CAROL)]).toEqual([
        "blocked",
        undefined,
      ]);
      expect(
        it.publisher.events.filter(({ name, detail }) => name === "LegUpdated" && detail["leg"] === 3),
      ).toEqual([]);
    }
  });

  test("is refused to a client that has not joined, and in a call that is over", async () => {
    await expect(add(world(ringing()))).rejects.toMatchObject({ code: "not_in_call" });
    await expect(add(world(completed()))).rejects.toMatchObject({ code: "call_over" });
    await expect(add(world(answered()), [CAROL], CAROL_HERSELF)).rejects.toMatchObject({
      code: "not_your_call",
    });
    await expect(add(world())).rejects.toMatchObject({ code: "no_such_call" });
  });

  test("is allowed to Alice while Bob still rings", async () => {
    expect(await add(world(ringing()), [CAROL], ALICE_HERSELF)).toMatchObject({ status: "ringing" });
  });

  test("refuses a client that is in the call already, and a client that does not exist", async () => {
    await expect(add(world(answered()), [CAROL, ALICE])).rejects.toMatchObject({
      code: "invalid_request",
      details: { errors: [{ field: "calleeIds" }] },
    });
    const it = world(answered());
    it.clients.items.delete(CAROL);
    await expect(add(it)).rejects.toMatchObject({ code: "no_such_client" });
  });

  test("allows twelve legs and no more", async () => {
    const others = Array.from({ length: 11 }, (_, n) =>
      carol({ clientId: newClientId(new Uint8Array(16).fill(n)) }),
    );
    const ids = others.map(({ clientId }) => clientId);
    const it = world(answered());
    for (const other of others) it.clients.items.set(other.clientId, other);
    await expect(add(it, ids)).rejects.toMatchObject({ code: "call_full", details: { callId: CALL } });
    await add(it, ids.slice(1));
    expect(Object.keys(it.calls.items.get(CALL)?.legs ?? {})).toHaveLength(12);
    await expect(add(it, ids.slice(0, 1))).rejects.toMatchObject({ code: "call_full" });
  });

  test("counts towards the limit on calls begun", async () => {
    const it = world(answered());
    it.persons.items.set(bob().sub, { calls: { sinceMs: at(0), count: 10 } });
    await expect(add(it)).rejects.toMatchObject({
      code: "too_many_calls",
      details: { retryAfterSeconds: 60 },
    });
  });

  test("decides again if another request changes the call or takes the slot meanwhile", async () => {
    const it = world(answered());
    it.admission.others.push(() => {
      it.calls.items.set(CALL, { ...answered(), version: answered().version + 1 });
      return undefined;
    });
    it.admission.others.push(() => {
      it.calls.items.set(callId(2), calling({ callId: callId(2), caller: carol() }));
      it.clients.items.set(CAROL, carol({ activeCallId: callId(2) }));
      return undefined;
    });
    expect(await add(it)).toMatchObject({ legs: [{}, {}, { endReason: "busy" }] });
    expect(it.publisher.names().filter((name) => name === "LegInvited")).toHaveLength(1);
  });

  test("finds the call over if it ends meanwhile, and then rings no client", async () => {
    const it = world(answered());
    it.admission.others.push(() => {
      it.calls.items.set(CALL, completed());
      return undefined;
    });
    await expect(add(it)).rejects.toMatchObject({ code: "call_over" });
    expect([slotOf(it, CAROL), it.publisher.events]).toEqual([undefined, []]);
  });
});
