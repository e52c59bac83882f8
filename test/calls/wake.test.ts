import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { answer } from "../../calls/answering.ts";
import { endBy } from "../../calls/ending.ts";
import { errorOfWait, isAwaited } from "../../calls/wake.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import {
  after,
  answered,
  at,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLEE,
  calling,
  carol,
  completed,
  endedWhileRinging,
  pushedTo,
  ringing,
  waiting,
} from "../builders.ts";

const hopingFor = (waitsFor: Call["waitsFor"], call: Call): Call => ({ ...call, waitsFor });

describe("a wait for an answer", () => {
  const errorOf = (call: Call) => errorOfWait(hopingFor("answer", call));

  test("succeeds when the callee answers on the only device", () => {
    expect(errorOf(answered())).toBeUndefined();
  });

  test("ends as moved if other phones have to stop ringing first, or another callee is still called", () => {
    expect(errorOf(pushedTo(answered(), BOBS_PHONE, BOBS_TABLET))).toBe("CallMoved");
    const group = calling({ callees: [bob(), carol()] });
    expect(errorOf(after(group, answer(CALLEE, undefined), at(5)))).toBe("CallMoved");
    expect(errorOf(ringing())).toBe("CallMoved");
  });

  test.each(END_REASONS)("ends with the end reason of a call that is over: %s", (reason) => {
    expect(errorOf(endedWhileRinging(reason))).toBe(reason);
  });
});

describe("a wait for the end", () => {
  const errorOf = (call: Call) => errorOfWait(hopingFor("end", call));

  test("succeeds when the call is over and no phone rings any more", () => {
    expect(errorOf(completed())).toBeUndefined();
    expect(errorOf(after(answered(), endBy("expired"), at(60)))).toBeUndefined();
  });

  test("ends as dropped when a leg is dropped", () => {
    expect(errorOf(after(answered(), endBy("dropped"), at(60)))).toBe("dropped");
  });

  test("ends as moved when the call goes on, or when phones still ring for a call that is over", () => {
    expect(errorOf(answered())).toBe("CallMoved");
    const group = after(calling({ callees: [bob(), carol()] }), answer(CALLEE, undefined), at(5));
    const rung = {
      ...group,
      legs: { ...group.legs, 3: { ...group.legs[3], told: "incoming_call" } },
    } as Call;
    expect(errorOf(after(rung, endBy("dropped"), at(9)))).toBe("CallMoved");
  });
});

test("a wait that an older release began gets no errors", () => {
  for (const call of [answered(), completed(), endedWhileRinging("declined")])
    expect(errorOfWait(call)).toBeUndefined();
});

test("a workflow waits for a call that has moved past the turn that it followed (W4)", () => {
  expect(isAwaited(waiting(answered()))).toBe(false);
  expect(isAwaited({ ...waiting(answered()), waitTurn: 0 })).toBe(true);
  expect(isAwaited(answered())).toBe(false);
});
