/**
 * How a call follows from its legs. It lasts as long as one leg has joined and another has joined or still may; so in a call
 * of two the first leg to leave ends the call.
 */
import type { EndReason } from "../events/end-reason.ts";
import { type Call, type CallStatus, isRung, type Leg, legNumbers, legOf, legsOf } from "./call.ts";
import { phonesToTell } from "./pushes-due.ts";
import { FOLLOW_SECONDS, MAX_PARTICIPANTS_KEPT, TOKEN_REUSE_SECONDS, TOKEN_SECONDS } from "./limits.ts";

/** The next version of the call, with the status that follows from its legs. */
export const nextVersion = (call: Call): Call => ({
  ...withoutSpentName(call),
  status: statusOfLegs(call),
  version: call.version + 1,
});

/** An ended call whose phones all know sends no more pushes, so it drops the caller's name: its last writes stay small. */
function withoutSpentName(call: Call): Call {
  if (call.endReason === undefined || phonesToTell(call)) return call;
  const { callerName: _name, ...nameless } = call;
  return nameless;
}

/** The same for a change that the workflow must act on (W2). Its next wait tells the sweep that it has. */
export const nextTurn = (call: Call, nowMs: number): Call => ({
  ...nextVersion(call),
  turn: call.turn + 1,
  sweepAtMs: nowMs + FOLLOW_SECONDS * 1000,
});

export const withLeg = (call: Call, leg: number, next: Leg): Call => ({
  ...call,
  legs: { ...call.legs, [leg]: next },
});

/** These legs leave. If too few are left, the call ends: for the same reason, or for the one that its legs result in. */
export function leave(call: Call, legs: readonly number[], reason: EndReason, nowMs: number): Call {
  const left = legs.reduce((rest, leg) => withLeg(rest, leg, leftLeg(legOf(rest, leg), reason, nowMs)), call);
  return lasts(left) ? nextTurn(left, nowMs) : end(left, reasonOfEnd(left, legs, reason), nowMs);
}

/** All legs leave. */
export function end(call: Call, endReason: EndReason, nowMs: number): Call {
  const legs = Object.entries(call.legs).map(([number, leg]) => [
    number,
    leg.status === "left" ? leg : leftLeg(leg, reasonForLeg(call, leg, endReason), nowMs),
  ]);
  const ended = { ...call, legs: Object.fromEntries(legs) as Call["legs"], endReason, endedAtMs: nowMs };
  return nextTurn({ ...ended, deadlineMs: nowMs }, nowMs);
}

/** Why the end of the call ends a leg. A leg that still rings in an answered call is told that the caller cancelled. */
function reasonForLeg(call: Call, leg: Leg, endReason: EndReason): EndReason {
  switch (endReason) {
    case "failed":
    case "ended_by_operator":
      return endReason;
    case "removed":
      // The removed leg is another one and has left before.
      return "ended_by_operator";
    case "completed":
    case "declined":
    case "cancelled":
    case "missed":
    case "unreachable":
    case "busy":
    case "dropped":
    case "expired":
      return isRung(leg) && call.answeredAtMs !== undefined ? "cancelled" : endReason;
  }
}

function leftLeg(leg: Leg, leftReason: EndReason, nowMs: number): Leg {
  return { ...withPartOver(leg), status: "left", leftAtMs: nowMs, leftReason };
}

/** A client that never took part was never given the token that was prepared for it. */
export function withPartOver({ participants, ...leg }: Leg): Leg {
  if (leg.joinedAtMs === undefined) return leg;
  const over = { ...leg, tokensOver: leg.tokenCount };
  if (!participants) return over;
  const participantsOver = [...(leg.participantsOver ?? []), ...participants];
  return { ...over, participantsOver: participantsOver.slice(-MAX_PARTICIPANTS_KEPT) };
}

/** A token that is given out: its number and expiry are recorded before it is signed. It never outlives an earlier one by less. */
export function withParticipantToken(
  { tokenSeconds = TOKEN_SECONDS.default }: Pick<Call, "tokenSeconds">,
  leg: Leg,
  tokenCount: number,
  fromMs: number,
): Leg {
  const untilMs = fromMs + tokenSeconds * 1000;
  return { ...leg, tokenCount, tokensUntilMs: Math.max(leg.tokensUntilMs, untilMs) };
}

/** Whether the latest token can be given out again, by its own expiry, which is in whole seconds. */
export const isReusable = ({ tokensUntilMs }: Leg, nowMs: number): boolean =>
  Math.floor(tokensUntilMs / 1000) * 1000 - nowMs >= TOKEN_REUSE_SECONDS * 1000;

/** The callees' legs. */
export const calleeLegs = (call: Call): number[] =>
  legNumbers(call).filter((leg) => legOf(call, leg).role === "callee");

function lasts(call: Call): boolean {
  const joined = legsOf(call).filter(({ status }) => status === "joined").length;
  return joined > 0 && joined + legsOf(call).filter(isRung).length > 1;
}

function statusOfLegs(call: Call): CallStatus {
  if (call.endReason !== undefined) return "ended";
  if (call.answeredAtMs !== undefined) return "answered";
  return legsOf(call).some(({ status }) => status === "ringing") ? "ringing" : "calling";
}

/** All callees left before an answer: the call ends with the lowest of their reasons. `null`: never the reason of one callee. */
const RANKS: Readonly<Record<EndReason, number | null>> = {
  missed: 1,
  declined: 2,
  busy: 3,
  unreachable: 4,
  completed: null,
  cancelled: null,
  dropped: null,
  removed: null,
  ended_by_operator: null,
  expired: null,
  failed: null,
};
const rankOf = (reason: EndReason): number => RANKS[reason] ?? Number.POSITIVE_INFINITY;

function reasonOfEnd(call: Call, leaving: readonly number[], reason: EndReason): EndReason {
  // Its removal ended the call, whatever the reasons of the others.
  if (reason === "removed") return reason;
  const wereIn = leaving.some((leg) => legOf(call, leg).joinedAtMs !== undefined);
  if (wereIn) return reason;
  // The call was answered, and now one leg is alone: the last leg that might have joined did not.
  if (call.answeredAtMs !== undefined) return "completed";
  const reasons = calleeLegs(call).flatMap((leg) => legOf(call, leg).leftReason ?? []);
  const [first = reason] = reasons
    .filter((one) => RANKS[one] !== null)
    .toSorted((one, other) => rankOf(one) - rankOf(other));
  return first;
}
