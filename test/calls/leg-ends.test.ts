/** One LegEnded for every leg that ends, alone or with the call, for any reason. */
import { expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { endForEverybody, removePerson } from "../../calls/operators.ts";
import type { Operator } from "../../calls/operator-acts.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import { answer } from "../../calls/answering.ts";
import { decline, endBy, endLeg, passTime } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import {
  after,
  afterAll,
  at,
  BOBS,
  BOBS_PHONE,
  CALLEE,
  CALLER,
  calling,
  callingAll,
  CAROLS,
  DAVES,
} from "./group.ts";

/** The legs with a LegEnded event, and the first event of the change. */
function saidBy(rule: Rule, call: Call, seconds: number): { ended: number[]; first: string | undefined } {
  const decision = rule(call, at(seconds));
  const events = "events" in decision ? decision.events : [];
  const ended = events.filter(({ name }) => name === "LegEnded");
  return { ended: ended.map(({ detail }) => Number(detail["leg"])), first: events[0]?.name };
}
const inOrder = (legs: readonly number[]): number[] => legs.toSorted((one, other) => one - other);
const OLIVIA: Operator = { sub: "sub-of-olivia", username: "olivia" };
const talking = after(calling(), answer(CALLEE, BOBS_PHONE), at(3));

test.each<[string, Rule, Call, number, string]>([
  ["the callee declines", decline(CALLEE, undefined), calling(), 9, "CallDeclined"],
  ["the caller cancels", endLeg(CALLER), calling(), 9, "CallCancelled"],
  ["one client hangs up", endLeg(CALLEE), talking, 9, "LegEnded"],
  ["no callee answers", passTime, calling(), 60, "LegEnded"],
  ["the server ends the call", endBy("failed"), talking, 9, "LegEnded"],
  ["an operator ends the call", endForEverybody(OLIVIA), talking, 9, "LegEnded"],
])("of a call of two: when %s, both legs end", (_how, rule, call, seconds, first) => {
  const { ended, ...said } = saidBy(rule, call, seconds);
  expect([inOrder(ended), said.first]).toEqual([[CALLER, CALLEE], first]);
});

test("in a group each decline ends one leg, and the last decline ends the caller's leg too", () => {
  const [last, first, second] = [DAVES, BOBS, CAROLS];
  expect(saidBy(decline(first, undefined), callingAll(), 3).ended).toEqual([first]);
  const two = afterAll(callingAll(), [decline(first, undefined), 3], [decline(second, undefined), 4]);
  expect(saidBy(decline(last, undefined), two, 5)).toEqual({ ended: [last, CALLER], first: "CallDeclined" });
});

test("a leg that had left before does not end again with the call", () => {
  const group = afterAll(
    callingAll(),
    [answer(BOBS, BOBS_PHONE), 3],
    [decline(CAROLS, undefined), 4],
    [decline(DAVES, undefined), 5],
  );
  expect(saidBy(endLeg(BOBS), group, 20).ended).toEqual([BOBS, CALLER]);
});

test("one of a change's events wakes the workflow", () => {
  const changes: [Rule, Call, number][] = [
    [decline(CALLEE, undefined), calling(), 9],
    [endLeg(CALLER), calling(), 9],
    [endLeg(CALLER), talking, 9],
    [passTime, callingAll(), 60],
  ];
  for (const [rule, call, seconds] of changes) {
    const decision = rule(call, at(seconds));
    const events = "events" in decision ? decision.events : [];
    const waking = events.filter(
      ({ name, detail }) => WAKING_EVENTS.some((one) => one === name) && detail["wakes"] !== false,
    );
    expect(waking).toHaveLength(1);
  }
});

test("a repeat publishes the same events again (W7)", () => {
  const ended = after(calling(), decline(CALLEE, undefined), at(3));
  expect(inOrder(saidBy(decline(CALLEE, undefined), ended, 9).ended)).toEqual([CALLER, CALLEE]);
});

test("a removal that ends the call ends the other leg, too", () => {
  expect(inOrder(saidBy(removePerson(CALLEE, OLIVIA), talking, 9).ended)).toEqual([CALLER, CALLEE]);
});
