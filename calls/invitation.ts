/** More people are called: a rule of a call (rules.ts). */
import { type Call, isOver, isRemoved, type Leg, legNumbers, legOfClient } from "./call.ts";
import { nextTurn, withLeg } from "./legs.ts";
import { SLOT_GRACE_SECONDS } from "./limits.ts";
import { type Operator, withAdded } from "./operator-acts.ts";
import { over, type Rule } from "./rules.ts";
import { announceInvitations } from "./snapshot.ts";

/**
 * Calls more people. A client that was in the call before keeps its leg number. Only an operator may call a person again
 * that an operator has removed.
 */
export const invite =
  (invited: readonly Leg[], operator?: Operator): Rule =>
  (before, nowMs) => {
    if (isOver(before) || nowMs >= before.deadlineMs) return over(before, undefined, nowMs);
    const call = operator ? withAdded(before, invited, operator, nowMs) : before;
    if (invited.some(({ sub }) => isRemoved(call, sub))) return { kind: "removed", call: before };
    const numbers: number[] = [];
    let next = call;
    for (const leg of invited) {
      const number = legOfClient(next, leg.clientId) ?? Math.max(...legNumbers(next)) + 1;
      next = withLeg(next, number, askedAgain(leg, next.legs[number]));
      numbers.push(number);
    }
    const asked = nextTurn(
      ringsUntil(next, Math.max(...invited.map(({ ringUntilMs }) => ringUntilMs))),
      nowMs,
    );
    return { kind: "changed", call: asked, events: announceInvitations(asked, numbers) };
  };

/** A client that had a token before gets another one with its answer; its past participants stay on record. */
function askedAgain(leg: Leg, before: Leg | undefined): Leg {
  if (!before || before.tokenCount === 0) return leg;
  const { tokensUntilMs, tokenCount, tokensOver, participantsOver } = before;
  const over = { ...(tokensOver && { tokensOver }), ...(participantsOver && { participantsOver }) };
  return { ...leg, ...over, tokensUntilMs, tokenCount: tokenCount + 1 };
}

/** Before the first answer, the call lasts as long as a callee is called. */
function ringsUntil(call: Call, lastRingMs: number): Call {
  if (call.answeredAtMs !== undefined) return call;
  return { ...call, deadlineMs: Math.max(call.deadlineMs, lastRingMs + SLOT_GRACE_SECONDS * 1000) };
}
