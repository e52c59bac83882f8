/** Legs that leave, and calls that end by it, by their deadline or by the server: rules of a call (rules.ts). */
import type { EndReason } from "../events/end-reason.ts";
import type { Announcement } from "../events/event.ts";
import { isSamePhone, partOf, type SignIn } from "./acting-phone.ts";
import { type Call, isOver, isRung, legNumbers, legOf } from "./call.ts";
import type { DeviceId } from "./ids.ts";
import { end, leave, withLeg } from "./legs.ts";
import { over, overForLeg, type Rule } from "./rules.ts";
import { announceEnd, announceLegEnds, dueAtMs } from "./snapshot.ts";

/** A device of a callee declines: its leg is over, and the call ends with the last such leg. */
export const decline =
  (leg: number, deviceId: DeviceId | undefined, signIn?: SignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (acting.leftReason === "declined" && isSamePhone(acting, { deviceId, signIn })) {
      return { kind: "already", call, events: eventsOfEnd(call, leg) };
    }
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
    if (acting.status === "joined") return { kind: "over", call, endReason: "answered_elsewhere" };
    if (acting.status === "left") return overForLeg(call, acting);
    const by = withLeg(call, leg, { ...acting, ...partOf({ deviceId, signIn }) });
    const next = leave(by, [leg], "declined", nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next, leg) };
  };

/** A leg hangs up: the caller of an unanswered call cancels it, a callee whose phone rings declines, else it is completed. */
export const endLeg =
  (leg: number, deviceId?: DeviceId, signIn?: SignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isOver(call) || acting.status === "left") {
      return { kind: "already", call, events: acting.status === "left" ? eventsOfEnd(call, leg) : [] };
    }
    if (nowMs >= call.deadlineMs) return passTime(call, nowMs);
    if (isRung(acting)) return decline(leg, deviceId, signIn)(call, nowMs);
    return leaveAs(leg, call.answeredAtMs === undefined ? "cancelled" : "completed")(call, nowMs);
  };

/** Ends a leg that takes part, whatever the cause. */
export const leaveAs =
  (leg: number, reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call) || legOf(call, leg).status === "left") return { kind: "already", call, events: [] };
    const next = leave(call, [leg], reason, nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next, leg) };
  };

/** Applies a passed deadline: an unanswered leg is missed, and a call past its hard limit has expired. */
export const passTime: Rule = (call, nowMs) => {
  if (isOver(call) || nowMs < dueAtMs(call)) return { kind: "already", call, events: [] };
  if (nowMs >= call.deadlineMs)
    return endBy(call.answeredAtMs === undefined ? "missed" : "expired")(call, nowMs);
  const missed = legNumbers(call).filter(
    (leg) => isRung(legOf(call, leg)) && nowMs >= legOf(call, leg).ringUntilMs,
  );
  const next = leave(call, missed, "missed", nowMs);
  return { kind: "changed", call: next, events: announceLegEnds(next, missed) };
};

/** The server ends the call, whatever its state: no client hung up. */
export const endBy =
  (reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call)) return { kind: "already", call, events: [] };
    const next = end(call, reason, nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next) };
  };

/** Ends an admission whose event could not be published; a call that has changed since is alive and goes on. */
export const failAdmission: Rule = (call, nowMs) =>
  call.turn === 0 && call.status === "calling"
    ? endBy("failed")(call, nowMs)
    : { kind: "already", call, events: [] };

/** `legs` have ended by themselves; the events also name the legs that the end of the call ends. */
export function eventsOfEnd(call: Call, ...legs: number[]): Announcement[] {
  if (call.endReason === "cancelled") return announceEnd("CallCancelled", call, legs);
  if (call.endReason === "declined") return announceEnd("CallDeclined", call, legs);
  return announceLegEnds(call, legs);
}
