/**
 * What a rule of a call is: pure. It takes the call, what happened, and the time, and returns the next call together with the
 * events to publish. The rules are in answering.ts, ending.ts, invitation.ts, participant-tokens.ts and closing.ts. They,
 * handlers/call/change-call.ts and workflows/call.ts keep these invariants.
 *
 * W1 After admission, every change of a call is one conditional write on its item, computed by a rule from the item.
 *    `version` rises with every change.
 * W2 `turn` rises with every change that the workflow must act on.
 * W3 A wait of the workflow stores `{taskToken, waitTurn}` on condition that `turn` is the one it has acted on.
 * W4 `drive-call` sends the task token back only if `turn > waitTurn`. Dead tokens and repeats are normal and silent.
 * W5 A wake carries what `drive-call` has just read, and the workflow follows only that. If it is out of date by then, the
 *    next wait's condition fails (W3) and the workflow reads the call again.
 * W6 A wait ends at the earliest deadline on the item, or after an hour; then the workflow reads the call again, which writes
 *    what the deadline demands. The sweep finds a change not followed within FOLLOW_SECONDS and wakes the workflow.
 * W7 Events are snapshots. The function that changes the call publishes them, the one that wakes the workflow with the last.
 *    Repeating a command that has taken effect repeats its events. If the workflow or the sweep finds a change without a wake,
 *    its events may be unpublished, so the finder publishes them. A lost event costs time, but no state.
 * W8 A call past its deadline is over for every leg.
 */
import type { Announcement } from "../events/event.ts";
import { type Call, isOver, isRemoved, type Leg, legOf, type OverReason } from "./call.ts";
import { end } from "./legs.ts";

export type Decision =
  /** Write `call` on condition that nothing changed meanwhile, then publish. */
  | { readonly kind: "changed"; readonly call: Call; readonly events: readonly Announcement[] }
  /** It has taken effect before: publish again (W7). */
  | { readonly kind: "already"; readonly call: Call; readonly events: readonly Announcement[] }
  /** The call is over for the client that asks. */
  | { readonly kind: "over"; readonly call: Call; readonly endReason: OverReason }
  /** An operator has removed the person, who gets no participant token of this call, even after its end. */
  | { readonly kind: "removed"; readonly call: Call };

export type Rule = (call: Call, nowMs: number) => Decision;

/** The call is over, or past its deadline (W8). */
export function over(call: Call, leg: number | undefined, nowMs: number): Decision {
  const endReason = call.endReason ?? (call.answeredAtMs === undefined ? "missed" : "expired");
  // A removal ends a call of two, but only one of them was removed.
  const ofLeg = leg === undefined || endReason !== "removed" ? undefined : legOf(call, leg).leftReason;
  return {
    kind: "over",
    call: isOver(call) ? call : end(call, endReason, nowMs),
    endReason: ofLeg ?? endReason,
  };
}

/** Why a leg gets no part in the call and no token of it: its person was removed, or the call is over. Undefined if neither. */
export function refusedTo(call: Call, leg: number, nowMs: number): Decision | undefined {
  if (isRemoved(call, legOf(call, leg).sub)) return { kind: "removed", call };
  if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
  return undefined;
}

/** The call goes on without this leg. */
export const overForLeg = (call: Call, { leftReason = "completed" }: Leg): Decision => ({
  kind: "over",
  call,
  endReason: leftReason,
});
