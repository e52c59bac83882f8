import { expect, test } from "vitest";
import { answer, ring } from "../../calls/answering.ts";
import { decline } from "../../calls/ending.ts";
import {
  answered,
  at,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLEE,
  calling,
  endedWhileRinging,
  MAX_CALL_SECONDS,
  ringing,
} from "../builders.ts";

const names = (events: readonly { name: string }[]) => events.map(({ name }) => name);

test("the call is answered when Bob's phone answers, and lasts at most four hours from then (W1, W2)", () => {
  const decision = answer(CALLEE, BOBS_PHONE)(ringing(), at(5));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "answered",
      version: 3,
      turn: 1,
      answeredAtMs: at(5),
      deadlineMs: at(5 + MAX_CALL_SECONDS),
      sweepAtMs: at(5 + 30),
      legs: { 2: { status: "joined", deviceId: BOBS_PHONE, tokenCount: 1, tokensUntilMs: at(5 + 60) } },
    },
  });
  expect(decision.kind === "changed" && names(decision.events)).toEqual([
    "CallAnswered",
    "LegUpdated",
    "LegUpdated",
  ]);
});

test("a call may be answered before any phone has acknowledged the ring", () => {
  expect(answer(CALLEE, BOBS_PHONE)(calling(), at(1))).toMatchObject({
    kind: "changed",
    call: { status: "answered", turn: 1 },
  });
});

test("an answer in the last second, or in the grace after the ring, gives a token for a minute", () => {
  for (const second of [44, 45, 100]) {
    expect(answer(CALLEE, BOBS_PHONE)(ringing(), at(second))).toMatchObject({
      kind: "changed",
      call: { legs: { 2: { tokensUntilMs: at(second + 60) } } },
    });
  }
});

test("the phone that answered may answer again: the same token, the event once more, and no change (W7)", () => {
  const call = answered();
  const again = answer(CALLEE, BOBS_PHONE)(call, at(6));
  expect(again).toMatchObject({ kind: "already", call });
  expect(again.kind === "already" && names(again.events)).toContain("CallAnswered");
});

test("the second device learns that the first answered", () => {
  for (const rule of [answer, decline, ring]) {
    expect(rule(CALLEE, BOBS_TABLET)(answered(), at(6))).toMatchObject({
      kind: "over",
      endReason: "answered_elsewhere",
    });
  }
});

test("a call past its deadline cannot be answered, declined or rung (W8)", () => {
  for (const rule of [answer, decline, ring]) {
    expect(rule(CALLEE, BOBS_PHONE)(calling(), at(105) - 1).kind).toBe("changed");
    expect(rule(CALLEE, BOBS_PHONE)(calling(), at(105))).toMatchObject({
      kind: "over",
      endReason: "missed",
      call: { status: "ended" },
    });
  }
});

test("a call past its hard limit has expired, even for a repeated answer (W8)", () => {
  expect(answer(CALLEE, BOBS_PHONE)(answered(), at(5 + MAX_CALL_SECONDS))).toMatchObject({
    kind: "over",
    endReason: "expired",
  });
});

test("the call rings with the first acknowledgement, and the turn stays (W2)", () => {
  const decision = ring(CALLEE, BOBS_PHONE)(calling(), at(2));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "ringing",
      version: 2,
      turn: 0,
      legs: {
        2: { status: "ringing", ringingAtMs: at(2), devices: { [BOBS_PHONE]: { ringingAtMs: at(2) } } },
      },
    },
  });
  expect(decision.kind === "changed" && names(decision.events)[0]).toBe("CallRinging");
});

test("a second phone that rings is recorded beside the first", () => {
  const decision = ring(CALLEE, BOBS_TABLET)(ringing(), at(3));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      version: 3,
      turn: 0,
      legs: {
        2: {
          ringingAtMs: at(2),
          devices: { [BOBS_PHONE]: { ringingAtMs: at(2) }, [BOBS_TABLET]: { ringingAtMs: at(3) } },
        },
      },
    },
  });
});

test("a repeated acknowledgement publishes the event again and changes nothing (W7)", () => {
  for (const deviceId of [BOBS_PHONE, undefined]) {
    const again = ring(CALLEE, deviceId)(ringing(), at(4));
    expect(again).toMatchObject({ kind: "already", call: ringing() });
    expect(again.kind === "already" && names(again.events)).toContain("CallRinging");
  }
});

test("the phone that answered does not ring any more", () => {
  expect(ring(CALLEE, BOBS_PHONE)(answered(), at(6))).toEqual({
    kind: "already",
    call: answered(),
    events: [],
  });
});

test("a decline on one of Bob's phones ends the call as declined", () => {
  const decision = decline(CALLEE, BOBS_PHONE)(ringing(), at(4));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "ended",
      endReason: "declined",
      endedAtMs: at(4),
      deadlineMs: at(4),
      version: 3,
      turn: 1,
      legs: { 1: { status: "left" }, 2: { status: "left", deviceId: BOBS_PHONE } },
    },
  });
  expect(decision.kind === "changed" && names(decision.events)).toEqual([
    "CallDeclined",
    "LegEnded",
    "LegEnded",
    "LegUpdated",
    "LegUpdated",
  ]);
});

test("the phone that declined may repeat it, and for another phone the call is over", () => {
  const [first, later] = [decline(CALLEE, BOBS_PHONE), at(6)];
  const decision = first(ringing(), at(4));
  const again = first(decision.call, later);
  expect(again).toMatchObject({ kind: "already", call: decision.call });
  expect(again.kind === "already" && names(again.events)).toContain("CallDeclined");
  expect(decline(CALLEE, BOBS_TABLET)(decision.call, later)).toMatchObject({
    kind: "over",
    endReason: "declined",
  });
});

test("an answer to an ended call learns the end reason", () => {
  for (const reason of ["cancelled", "missed", "unreachable", "failed"] as const) {
    const call = endedWhileRinging(reason);
    expect(answer(CALLEE, BOBS_PHONE)(call, at(11))).toEqual({ kind: "over", call, endReason: reason });
  }
});
