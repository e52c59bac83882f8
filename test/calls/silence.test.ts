/** Blocking and do-not-disturb: the phones stay silent, and the caller sees an unreachable callee. */
import { describe, expect, test } from "vitest";
import { holdsSlotOf, invitation } from "../../calls/admission.ts";
import { legOf, legOfPerson } from "../../calls/call.ts";
import { silenceOf } from "../../calls/client.ts";
import { addressesFor, legsToTell, recordPushes } from "../../calls/pushes.ts";
import { phonesToTell } from "../../calls/pushes-due.ts";
import { answer, rejoin } from "../../calls/answering.ts";
import { endLeg } from "../../calls/ending.ts";
import { announce, workflowView } from "../../calls/snapshot.ts";
import { after, ALICE, alice, at, bob, BOBS, BOBS_PHONE, CALLER, calling, carol, device } from "./group.ts";
import { blocking } from "../builders.ts";

const blockingAlice = blocking(bob(), alice(), at(0));
const undisturbed = bob({ doNotDisturbUntilMs: at(60) });

describe("a client's phones stay silent", () => {
  test("for every client of a blocked person, and for no other", () => {
    const hers = alice({ clientId: carol().clientId });
    expect(silenceOf(blockingAlice, [alice()], at(1))).toBe("blocked");
    expect(silenceOf(blockingAlice, [hers], at(1))).toBe("blocked");
    expect(silenceOf(blockingAlice, [carol()], at(1))).toBeUndefined();
  });

  test("if any of the callers is blocked", () => {
    expect(silenceOf(blockingAlice, [carol(), alice()], at(1))).toBe("blocked");
  });

  test("until its do-not-disturb ends, and not longer", () => {
    expect(silenceOf(undisturbed, [alice()], at(60) - 1)).toBe("do_not_disturb");
    expect(silenceOf(undisturbed, [alice()], at(60))).toBeUndefined();
  });

  test("as blocked rather than as not to be disturbed, because a block must leave no trace", () => {
    const both = { ...blockingAlice, doNotDisturbUntilMs: at(60) };
    expect(silenceOf(both, [alice()], at(1))).toBe("blocked");
  });
});

describe.each([
  ["blocked", blockingAlice],
  ["do_not_disturb", undisturbed],
] as const)("a call to Bob, %s", (silenced, callee) => {
  const call = calling({ callees: [callee] });
  const reached = after(
    call,
    recordPushes([{ leg: BOBS, type: "incoming_call", devices: new Map() }]),
    at(1),
  );

  test("takes no slot of his, and does not show that he is in another call", () => {
    const busy = new Set([bob().clientId]);
    const leg = invitation(callee, { callers: [alice()], busy, ringUntilMs: at(45), nowMs: at(0) });
    expect([leg.silenced, leg.status, holdsSlotOf(leg)]).toEqual([silenced, "invited", false]);
    expect(holdsSlotOf(legOf(call, CALLER))).toBe(true);
  });

  test("reaches no phone, but demands the same push as any call", () => {
    expect(legsToTell(call, at(1))).toEqual([{ leg: BOBS, type: "incoming_call" }]);
    expect(addressesFor("incoming_call", legOf(call, BOBS), [device(BOBS_PHONE)])).toEqual([]);
  });

  test("ends as unreachable, and no phone gets a push about it", () => {
    expect(reached).toMatchObject({ status: "ended", endReason: "unreachable" });
    expect([phonesToTell(reached), workflowView(reached).silenced]).toEqual([false, true]);
    for (const type of ["missed_call", "call_cancelled"] as const)
      expect(addressesFor(type, legOf(reached, BOBS), [device(BOBS_PHONE)])).toEqual([]);
  });

  test("is not pushed to his phones when Alice cancels it", () => {
    const cancelled = after(call, endLeg(CALLER), at(1));
    expect([phonesToTell(cancelled), legsToTell(cancelled, at(2))]).toEqual([false, []]);
  });

  test("is published to Alice only", () => {
    const told = announce("CallInitiated", call).filter(({ name }) => name === "LegUpdated");
    expect(told.map(({ detail }) => detail["clientId"])).toEqual([ALICE]);
    expect(workflowView(call).legs.map(({ clientId }) => clientId)).toEqual([ALICE]);
  });

  test("can be neither answered nor joined later", () => {
    for (const rule of [answer, rejoin])
      expect(rule(BOBS, BOBS_PHONE)(call, at(1))).toMatchObject({ kind: "over", endReason: "unreachable" });
    const group = calling({ callees: [callee, carol()] });
    const gone = after(
      group,
      recordPushes([{ leg: BOBS, type: "incoming_call", devices: new Map() }]),
      at(1),
    );
    expect(rejoin(BOBS, BOBS_PHONE)(gone, at(2))).toMatchObject({ kind: "over", endReason: "unreachable" });
  });
});

test("a callee who blocks the caller cannot act in the call, and one who is not to be disturbed may see it", () => {
  expect(legOfPerson(calling({ callees: [blockingAlice] }), bob().sub)).toBeUndefined();
  expect(legOfPerson(calling({ callees: [undisturbed] }), bob().sub)).toBe(BOBS);
});

test("in a group only the silenced leg is left out, and the others ring", () => {
  const call = calling({ callees: [blockingAlice, carol()] });
  expect(legsToTell(call, at(1)).map(({ leg }) => leg)).toEqual([2, 3]);
  const told = announce("CallInitiated", call).filter(({ name }) => name === "LegUpdated");
  expect(told.map(({ detail }) => detail["leg"])).toEqual([1, 3]);
});
