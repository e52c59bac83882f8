/** The first outcome wins, for every ordered pair of outcomes that end a ring. */
import { describe, expect, test } from "vitest";
import type { EndReason } from "../../events/end-reason.ts";
import { answer } from "../../calls/answering.ts";
import { decline, endLeg, passTime } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import { after, at, BOBS_PHONE, BOBS_TABLET, CALLEE, CALLER, ringing } from "../builders.ts";

type Outcome = "answer" | "decline" | "cancel" | "hang up" | "ring time over";

/** Bob answers on his phone, and does everything else on his tablet. */
const rules: Record<Outcome, Rule> = {
  answer: answer(CALLEE, BOBS_PHONE),
  decline: decline(CALLEE, BOBS_TABLET),
  cancel: endLeg(CALLER),
  "hang up": endLeg(CALLEE, BOBS_TABLET),
  "ring time over": passTime,
};

type Second = { kind: "over"; endReason: EndReason | "answered_elsewhere" } | { kind: "already" | "changed" };
const over = (endReason: EndReason | "answered_elsewhere"): Second => ({ kind: "over", endReason });
const already: Second = { kind: "already" };
const hangUp: Second = { kind: "changed" };

/** The decision on the second outcome, by the first outcome, and the state of the call after both. */
const pairs: readonly (readonly [Outcome, Outcome, Second, EndReason | "still answered"])[] = [
  ["answer", "decline", over("answered_elsewhere"), "still answered"],
  ["answer", "cancel", hangUp, "completed"],
  ["answer", "hang up", hangUp, "completed"],
  ["answer", "ring time over", already, "still answered"],
  ["decline", "answer", over("declined"), "declined"],
  ["decline", "cancel", already, "declined"],
  ["decline", "hang up", already, "declined"],
  ["decline", "ring time over", already, "declined"],
  ["cancel", "answer", over("cancelled"), "cancelled"],
  ["cancel", "decline", over("cancelled"), "cancelled"],
  ["cancel", "hang up", already, "cancelled"],
  ["cancel", "ring time over", already, "cancelled"],
  ["hang up", "answer", over("declined"), "declined"],
  ["hang up", "decline", already, "declined"],
  ["hang up", "cancel", already, "declined"],
  ["hang up", "ring time over", already, "declined"],
  ["ring time over", "answer", over("missed"), "missed"],
  ["ring time over", "decline", over("missed"), "missed"],
  ["ring time over", "cancel", already, "missed"],
  ["ring time over", "hang up", already, "missed"],
];

test("the list contains every ordered pair of outcomes once", () => {
  const outcomes = Object.keys(rules);
  const all = outcomes.flatMap((first) =>
    outcomes.filter((second) => second !== first).map((second) => `${first}, then ${second}`),
  );
  const listed = pairs.map(([first, second]) => `${first}, then ${second}`);
  expect(listed).toHaveLength(all.length);
  expect(new Set(listed)).toEqual(new Set(all));
});

describe("the second outcome does not change what the first decided", () => {
  test.each(pairs)("%s, then %s", (first, second, expected, end) => {
    const decided = after(ringing(), rules[first], at(45));
    const decision = rules[second](decided, at(46));
    expect(decision).toMatchObject(expected);
    const stored = decision.kind === "changed" ? decision.call : decided;
    expect(stored.endReason ?? "still answered").toBe(end);
  });
});
