import { expect, test } from "vitest";
import type { EndReason } from "../../events/end-reason.ts";
import { recordPushes } from "../../calls/pushes.ts";
import { answer } from "../../calls/answering.ts";
import { closeCall } from "../../calls/closing.ts";
import { endBy, endLeg, failAdmission, passTime } from "../../calls/ending.ts";
import {
  after,
  answered,
  at,
  BOBS_PHONE,
  CALLEE,
  CALLER,
  calling,
  completed,
  endedWhileRinging,
  MAX_CALL_SECONDS,
  pushedTo,
  ringing,
  waiting,
} from "../builders.ts";

const firstEvent = (decision: ReturnType<ReturnType<typeof endLeg>>) =>
  "events" in decision ? decision.events[0]?.name : undefined;

test("Alice hangs up while the call rings: the call is cancelled", () => {
  const decision = endLeg(CALLER)(ringing(), at(9));
  expect(decision).toMatchObject({
    kind: "changed",
    call: { status: "ended", endReason: "cancelled", endedAtMs: at(9), version: 3, turn: 1 },
  });
  expect(firstEvent(decision)).toBe("CallCancelled");
});

test("Bob hangs up before he has answered: the call is declined", () => {
  const decision = endLeg(CALLEE, BOBS_PHONE)(ringing(), at(9));
  expect(decision).toMatchObject({
    kind: "changed",
    call: { endReason: "declined", legs: { 2: { deviceId: BOBS_PHONE } } },
  });
  expect(firstEvent(decision)).toBe("CallDeclined");
});

test("in a call of two the first hang-up ends the call for both, from either side", () => {
  for (const leg of [CALLER, CALLEE]) {
    const decision = endLeg(leg)(answered(), at(60));
    expect(decision).toMatchObject({
      kind: "changed",
      call: {
        status: "ended",
        endReason: "completed",
        endedAtMs: at(60),
        deadlineMs: at(60),
        sweepAtMs: at(90),
        version: 4,
        turn: 2,
        legs: { 1: { status: "left" }, 2: { status: "left" } },
      },
    });
    expect(firstEvent(decision)).toBe("LegEnded");
  }
});

test("hanging up a call that is over changes nothing and publishes its event again (W7)", () => {
  for (const [call, event] of [
    [completed(), "LegEnded"],
    [after(ringing(), endLeg(CALLER), at(9)), "CallCancelled"],
    [after(ringing(), endLeg(CALLEE), at(9)), "CallDeclined"],
  ] as const) {
    const again = endLeg(CALLER)(call, at(70));
    expect(again).toMatchObject({ kind: "already", call });
    expect(firstEvent(again)).toBe(event);
  }
});

test("a hang-up past the deadline does not change the end reason (W8)", () => {
  for (const [call, nowMs, endReason] of [
    [ringing(), at(105), "missed"],
    [answered(), at(5 + MAX_CALL_SECONDS), "expired"],
  ] as const) {
    for (const leg of [CALLER, CALLEE]) {
      expect(endLeg(leg)(call, nowMs).call).toMatchObject({ status: "ended", endReason });
    }
  }
});

test("an unanswered call is missed when its ring time is over, and not earlier (W6)", () => {
  for (const call of [calling(), ringing()]) {
    expect(passTime(call, at(45) - 1)).toEqual({ kind: "already", call, events: [] });
    const decision = passTime(call, at(45));
    expect(decision).toMatchObject({
      kind: "changed",
      call: { status: "ended", endReason: "missed", turn: 1 },
    });
    expect(firstEvent(decision)).toBe("LegEnded");
  }
});

test("an answered call expires at its hard limit, and not earlier", () => {
  const limitMs = at(5 + MAX_CALL_SECONDS);
  expect(passTime(answered(), limitMs - 1).kind).toBe("already");
  expect(passTime(answered(), limitMs)).toMatchObject({
    kind: "changed",
    call: { endReason: "expired", endedAtMs: limitMs },
  });
});

test("the server ends a call in any state, and only once", () => {
  for (const call of [calling(), ringing(), answered()]) {
    for (const reason of ["failed", "dropped", "unreachable"] satisfies EndReason[]) {
      const decision = endBy(reason)(call, at(50));
      expect(decision).toMatchObject({
        kind: "changed",
        call: { endReason: reason, turn: call.turn + 1, version: call.version + 1 },
      });
      expect(endBy("expired")(decision.call, at(51))).toEqual({
        kind: "already",
        call: decision.call,
        events: [],
      });
    }
  }
});

test("an admission that could not be published fails", () => {
  expect(failAdmission(calling(), at(1))).toMatchObject({ kind: "changed", call: { endReason: "failed" } });
});

test("an admission whose call rings, was answered or has ended already does not fail", () => {
  for (const call of [ringing(), answered(), endedWhileRinging("declined")]) {
    expect(failAdmission(call, at(1))).toEqual({ kind: "already", call, events: [] });
  }
});

test("a call keeps the caller's name until it has ended and its phones have been told", () => {
  const named = { ...pushedTo(calling(), BOBS_PHONE), callerName: "Alice" };
  const cancelled = after(named, endLeg(CALLER), at(9));
  expect(cancelled.callerName).toBe("Alice");
  const told = { leg: CALLEE, type: "call_cancelled" as const, devices: new Map() };
  expect(after(cancelled, recordPushes([told]), at(10))).not.toHaveProperty("callerName");
  const talking = after(named, answer(CALLEE, BOBS_PHONE), at(5));
  expect(talking.callerName).toBe("Alice");
  expect(after(talking, endLeg(CALLER), at(60))).not.toHaveProperty("callerName");
});

test("a closed call leaves the sweep's index, and loses its task token and the caller's name", () => {
  const decision = closeCall(90)({ ...waiting(completed()), callerName: "Alice" }, at(61));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "ended",
      cleanedUpAtMs: at(61),
      expiresAtSeconds: at(61) / 1000 + 90 * 86_400,
      version: 5,
      turn: 2,
    },
    events: [{ name: "CallEnded", detail: { version: 5, endReason: "completed" } }],
  });
  for (const gone of ["openShard", "sweepAtMs", "taskToken", "callerName"])
    expect(decision.call).not.toHaveProperty(gone);
});

test("a second close changes nothing and publishes CallEnded again (W7)", () => {
  const first = closeCall(90)(completed(), at(61));
  const { call } = first;
  const events = first.kind === "changed" ? first.events : [];
  expect(closeCall(90)(call, at(70))).toEqual({ kind: "already", call, events });
});

test("a living call cannot be closed", () => {
  expect(() => closeCall(90)(answered(), at(61))).toThrow(/01a3185c.* is answered: end it before/);
});
