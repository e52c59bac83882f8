/**
 * What operators do to a call that goes on. W1 to W8 of rules.ts hold, and
 *
 * O1 The first outcome wins: an operator cannot change a call that is over, and a leg that has left keeps its reason.
 * O2 A person is removed, with every client of theirs in the call. Until an operator adds that person, no rule gives one
 *    of their legs a participant token.
 * O3 Each act that changes the call is recorded with the operator's name in the same write.
 */
import { type Call, isOver, isRemoved, legNumbers, legOf } from "./call.ts";
import { end, leave, nextVersion } from "./legs.ts";
import { type Operator, withAct, withAdded, withRemoval } from "./operator-acts.ts";
import { eventsOfEnd, passTime } from "./ending.ts";
import type { Rule } from "./rules.ts";
import { announceLegEnds, announceLegs } from "./snapshot.ts";

/** The whole call ends, ringing or answered. */
export const endForEverybody =
  (operator: Operator): Rule =>
  (call, nowMs) => {
    if (isOver(call)) return { kind: "already", call, events: eventsOfEnd(call) };
    if (nowMs >= call.deadlineMs) return passTime(call, nowMs);
    const next = end(withAct(call, { act: "ended" }, operator, nowMs), "ended_by_operator", nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next) };
  };

/** Removes the person of this leg. If too few are left then, the call ends. */
export const removePerson =
  (leg: number, operator: Operator): Rule =>
  (call, nowMs) => {
    const { sub, clientId } = legOf(call, leg);
    if (isOver(call) || isRemoved(call, sub))
      return { kind: "already", call, events: eventsOfEnd(call, leg) };
    if (nowMs >= call.deadlineMs) return passTime(call, nowMs);
    const act = { act: "removed", clientId } as const;
    const recorded = withAct(withRemoval(call, sub), act, operator, nowMs);
    const legs = legsThere(call, sub);
    // A person who has just hung up cannot come back either.
    const next = legs.length > 0 ? leave(recorded, legs, "removed", nowMs) : nextVersion(recorded);
    return { kind: "changed", call: next, events: announceLegEnds(next, legs) };
  };

const legsThere = (call: Call, sub: string): number[] =>
  legNumbers(call).filter((leg) => legOf(call, leg).sub === sub && legOf(call, leg).status !== "left");

/** The caller cannot be called in their own call, so an operator lets them come back by `rejoinCall`. */
export const admitAgain =
  (leg: number, operator: Operator): Rule =>
  (call, nowMs) => {
    const person = legOf(call, leg);
    if (isOver(call) || nowMs >= call.deadlineMs || !isRemoved(call, person.sub))
      return { kind: "already", call, events: [] };
    const next = nextVersion(withAdded(call, [person], operator, nowMs));
    return { kind: "changed", call: next, events: announceLegs(next) };
  };
