/** Blocking and do-not-disturb: phones stay silent, and the caller sees somebody who cannot be reached. */
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
  test("for every client of the person it blocks, and for nobody else", () => {
    const hers = alice({ clientId: carol().clientId });
    expect(silenceOf(blockingAlice, [alice()], at(1))).toBe("blocked");
    expect(silenceOf(blockingAlice, [hers], at(1))).toBe("blocked");
    expect(silenceOf(blockingAlice, [carol()], at(1))).toBeUndefined();
  });

  test("if any of those in whose name it is called is blocked", () => {
    expect(silenceOf(blockingAlice, [carol(), alice()], at(1))).toBe("blocked");
  });

  test("until its do-not-disturb ends, and not a moment longer", () => {
    expect(silenceOf(undisturbed, [alice()], at(60) - 1)).toBe("do_not_disturb");
    expect(silenceOf(undisturbed, [alice()], at(60))).toBeUndefined();
  });

  test("a block counts more than a do-not-disturb: it must leave no trace", () => {
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

  test("takes no slot of his, even if he is in another call, which nobody is told", () => {
    const busy = new Set([bob().clientId]);
    const leg = invitation(callee, { callers: [alice()], busy, ringUntilMs: at(45), nowMs: at(0) });
    expect([leg.silenced, leg.status, holdsSlotOf(leg)]).toEqual([silenced, "invited", false]);
    expect(holdsSlotOf(legOf(call, CALLER))).toBe(true);
  });

  test("reaches no phone, but looks as if his phones were tried", () => {
    expect(legsToTell(call, at(1))).toEqual([{ leg: BOBS, type: "incoming_call" }]);
    expect(addressesFor("incoming_call", legOf(call, BOBS), [device(BOBS_PHONE)])).toEqual([]);
  });

  test("ends as one to somebody who cannot be reached, and no phone is told of that either", () => {
    expect(reached).toMatchObject({ status: "ended", endReason: "unreachable" });
    expect([phonesToTell(reached), workflowView(reached).silenced]).toEqual([false, true]);
    for (const type of ["missed_call", "call_cancelled"] as const)
      expect(addressesFor(type, legOf(reached, BOBS), [device(BOBS_PHONE)])).toEqual([]);
  });

  test("that Alice gives up at once is not told to his phones", () => {
    const cancelled = after(call, endLeg(CALLER), at(1));
    expect([phonesToTell(cancelled), legsToTell(cancelled, at(2))]).toEqual([false, []]);
  });

  test("is announced to Alice only", () => {
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

test("who blocks the caller has no leg to act for; who is not to be disturbed may see that it was called", () => {
  expect(legOfPerson(calling({ callees: [blockingAlice] }), bob().sub)).toBeUndefined();
  expect(legOfPerson(calling({ callees: [undisturbed] }), bob().sub)).toBe(BOBS);
});

test("in a group only the silenced leg is kept out: the others ring", () => {
  const call = calling({ callees: [blockingAlice, carol()] });
  expect(legsToTell(call, at(1)).map(({ leg }) => leg)).toEqual([2, 3]);
  const told = announce("CallInitiated", call).filter(({ name }) => name === "LegUpdated");
  expect(told.map(({ detail }) => detail["leg"])).toEqual([1, 3]);
});
