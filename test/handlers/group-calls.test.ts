/** The admission of a call to several people, and of a call to a person whose phones stay silent. */
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { answer } from "../../calls/answering.ts";
import { endLeg, passTime } from "../../calls/ending.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import {
  after,
  ALICE,
  alice,
  answered,
  at,
  BOB,
  bob,
  CALL,
  calling,
  callId,
  CAROL,
  carol,
  blocking,
} from "../builders.ts";
import { ALICE_HERSELF, begun, BOB_HIMSELF, CAROL_HERSELF, world } from "./world.ts";

type World = ReturnType<typeof world>;
const GROUP = { callerId: ALICE, calleeIds: [BOB, CAROL], media: "audio" } as const;
const aliceCallsBoth = (it: World) =>
  initiateCall(it, ALICE_HERSELF, { ...GROUP, calleeIds: [...GROUP.calleeIds] });
const aliceCallsBob = (it: World) =>
  initiateCall(it, ALICE_HERSELF, { callerId: ALICE, calleeId: BOB, media: "audio" });
const slotsOf = ({ clients }: World, ...ids: Client["clientId"][]) =>
  ids.map((clientId) => clients.items.get(clientId)?.activeCallId);
/** Another call holds Bob's slot. */
const bobIsBusy = (it: World, of: Call = calling({ callId: CALL, caller: carol() })) => {
  it.calls.items.set(CALL, of);
  it.clients.items.set(BOB, { ...(it.clients.items.get(BOB) as Client), activeCallId: CALL });
  return undefined;
};

describe("Alice calls Bob and Carol", () => {
  test("one call takes all three slots, and every client gets its event", async () => {
    const it = world();
    const { callId: id } = await aliceCallsBoth(it);
    expect(slotsOf(it, ALICE, BOB, CAROL)).toEqual([id, id, id]);
    expect(begun(it)).toMatchObject({
      calleeId: BOB,
      legs: { 2: { clientId: BOB }, 3: { clientId: CAROL } },
    });
    expect(it.publisher.names()).toEqual(["CallInitiated", "LegUpdated", "LegUpdated", "LegUpdated"]);
  });

  test("a busy callee's leg ends as busy, and the other callee rings", async () => {
    const it = world();
    bobIsBusy(it);
    const { callId: id } = await aliceCallsBoth(it);
    expect(begun(it)).toMatchObject({
      status: "calling",
      legs: { 2: { status: "left", leftReason: "busy" }, 3: { status: "invited" } },
    });
    expect(slotsOf(it, ALICE, BOB, CAROL)).toEqual([id, CALL, id]);
  });

  test("if all are busy, one record of the attempt stays and no slot is taken", async () => {
    const it = world();
    bobIsBusy(it);
    it.clients.items.set(CAROL, carol({ activeCallId: CALL }));
    await expect(aliceCallsBoth(it)).rejects.toMatchObject({
      code: "callee_busy",
      message: "all who were called are in another call",
    });
    expect(begun(it)).toMatchObject({ endReason: "busy", legs: { 2: {}, 3: { leftReason: "busy" } } });
    expect(slotsOf(it, ALICE)).toEqual([undefined]);
  });

  test("a callee who becomes busy during the admission is left out of the next attempt", async () => {
    const it = world();
    it.admission.others.push(() => bobIsBusy(it));
    await aliceCallsBoth(it);
    expect(begun(it).legs[2]).toMatchObject({ leftReason: "busy" });
  });

  test("a second call to the same people, in any order, is the same call, and Carol's call to Alice answers it", async () => {
    const it = world();
    const { callId: id } = await aliceCallsBoth(it);
    const again = { callerId: ALICE, calleeIds: [CAROL, BOB], media: "audio" as const };
    expect((await initiateCall(it, ALICE_HERSELF, again)).callId).toBe(id);
    const back = { callerId: CAROL, calleeId: ALICE, media: "audio" as const };
    expect(await initiateCall(it, CAROL_HERSELF, back)).toMatchObject({
      callId: id,
      token: `token of ${id}-3-1`,
    });
    expect(begun(it).legs[3]?.status).toBe("joined");
  });

  test("a group that contains the caller is refused, and the problem names the field", async () => {
    const asked = initiateCall(world(), ALICE_HERSELF, {
      callerId: ALICE,
      calleeIds: [BOB, ALICE],
      media: "audio",
    });
    await expect(asked).rejects.toMatchObject({ details: { errors: [{ field: "calleeIds" }] } });
  });
});

describe("a client that has left a living group call", () => {
  /** Alice and Carol talk. Bob has hung up, but his slot still names the call. */
  const withoutBob = () => {
    const group = calling({ caller: alice(), callees: [bob(), carol()] });
    const talking = after(after(group, answer(2, undefined), at(1)), answer(3, undefined), at(2));
    return world(after(talking, endLeg(2), at(3)));
  };

  test("can call another client", async () => {
    const it = withoutBob();
    it.clients.items.set(CAROL, carol());
    const { callId: id } = await initiateCall(it, BOB_HIMSELF, {
      callerId: BOB,
      calleeId: CAROL,
      media: "audio",
    });
    expect(slotsOf(it, BOB, CAROL)).toEqual([id, id]);
  });

  test("can be called, unless it rejoins that call during the admission", async () => {
    const it = withoutBob();
    it.clients.items.set(ALICE, alice());
    it.admission.others.push(() => {
      const left = it.calls.items.get(CALL) as Call;
      it.calls.items.set(CALL, {
        ...left,
        version: left.version + 1,
        legs: { ...left.legs, 2: answered().legs[2] as Call["legs"][string] },
      });
      return undefined;
    });
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "callee_busy" });
    expect(it.edge.pauses).toHaveLength(1);
    const other = withoutBob();
    other.clients.items.set(ALICE, alice());
    expect(await aliceCallsBob(other)).toMatchObject({ status: "calling" });
  });

  test("can be called if it left because it missed the ring", async () => {
    const it = withoutBob();
    const group = calling({ callees: [bob(), carol()] });
    it.calls.items.set(CALL, after(after(group, answer(3, undefined), at(2)), passTime, at(45)));
    it.clients.items.set(ALICE, alice());
    expect(await aliceCallsBob(it)).toMatchObject({ status: "calling" });
  });
});

describe("Bob's phones stay silent", () => {
  const silent = (bobs: Client) => {
    const it = world();
    it.clients.items.set(BOB, bobs);
    return it;
  };
  const ways = [
    ["Bob blocks Alice", blocking(bob(), alice(), at(0)), "blocked"],
    ["Bob does not want to be disturbed", bob({ doNotDisturbUntilMs: at(60) }), "do_not_disturb"],
  ] as const;

  test.each(ways)(
    "%s: Alice sees an ordinary call, and his slot stays free",
    async (_why, bobs, silenced) => {
      const it = silent(bobs);
      const reply = await aliceCallsBob(it);
      expect(reply).toMatchObject({ status: "calling", legs: [{}, { status: "invited" }] });
      expect(JSON.stringify(reply)).not.toMatch(/silence|block|disturb/);
      expect(begun(it).legs[2]?.silenced).toBe(silenced);
      expect(slotsOf(it, ALICE, BOB)).toEqual([begun(it).callId, undefined]);
      expect(it.publisher.names()).toEqual(["CallInitiated", "LegUpdated"]);
    },
  );

  test.each(ways)("%s: Alice does not learn that he is in another call", async (_why, bobs) => {
    const it = silent(bobs);
    bobIsBusy(it);
    expect(await aliceCallsBob(it)).toMatchObject({ status: "calling" });
    expect(slotsOf(it, BOB)).toEqual([CALL]);
  });
});

describe("Alice begins too many calls", () => {
  const attempts = (count: number) => ({ calls: { sinceMs: at(0), count } });
  type It = ReturnType<typeof world>;
  const counts = (it: It, count: number) => void it.persons.items.set(alice().sub, attempts(count));
  const counted = (it: It) => it.persons.items.get(alice().sub);

  test("the tenth call of a minute rings, and the eleventh is refused with the time of the next", async () => {
    const it = world();
    counts(it, 9);
    it.edge.setNow(at(20));
    await aliceCallsBob(it);
    expect(counted(it)).toEqual(attempts(10));
    it.clients.items.set(ALICE, alice());
    it.clients.items.set(BOB, bob());
    await expect(aliceCallsBob(it)).rejects.toMatchObject({
      code: "too_many_calls",
      details: { retryAfterSeconds: 40 },
    });
    it.edge.setNow(at(60));
    await aliceCallsBob(it);
    expect(counted(it)).toEqual({ calls: { sinceMs: at(60), count: 1 } });
  });

  test("a call to a busy callee counts, and a repeat of a call that she is in does not", async () => {
    const it = world();
    bobIsBusy(it);
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "callee_busy" });
    expect(counted(it)?.calls?.count).toBe(1);
    const full = world(calling());
    counts(full, 10);
    expect(await aliceCallsBob(full)).toMatchObject({ callId: CALL });
  });

  test("a busy attempt whose count another request overtook is tried again, and leaves one record", async () => {
    const it = world();
    bobIsBusy(it);
    const recordBusy = it.admission.recordBusy.bind(it.admission);
    const tries: string[] = [];
    it.admission.recordBusy = async (call, attempt) => {
      if (tries.length === 0) counts(it, 3);
      const recorded = await recordBusy(call, attempt);
      tries.push(recorded.kind);
      return recorded;
    };
    await expect(aliceCallsBob(it)).rejects.toMatchObject({ code: "callee_busy" });
    expect([tries, counted(it)]).toEqual([["conflict", "recorded"], attempts(4)]);
    expect([it.calls.items.size, callId(1)]).toEqual([2, CALL]);
  });
});
