/** A leg's phones ring, answer, come back, and take over from each other: rules of a call (rules.ts). */
import { type ActingPhone, isSamePhone, partOf, type SignIn } from "./acting-phone.ts";
import { type Call, isOver, type Leg, legOf } from "./call.ts";
import { keyOfDevice } from "./device-key.ts";
import type { DeviceId } from "./ids.ts";
import { nextTurn, nextVersion, withLeg, withParticipantToken, withPartOver } from "./legs.ts";
import { MAX_DEVICES } from "./limits.ts";
import { renewToken, tokenAgain } from "./participant-tokens.ts";
import { over, overForLeg, refusedTo, type Rule } from "./rules.ts";
import { announce, announceJoin, announceMove } from "./snapshot.ts";

/** A device reports that it rings. The first report makes the call ring for the caller; the workflow need not act. */
export const ring =
  (leg: number, deviceId: DeviceId | undefined, signIn?: SignIn): Rule =>
  (call, nowMs) => {
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
    const acting = legOf(call, leg);
    if (acting.silenced) return { kind: "over", call, endReason: "unreachable" };
    if (acting.status === "left") return overForLeg(call, acting);
    if (acting.status === "joined") {
      return isSamePhone(acting, { deviceId, signIn })
        ? { kind: "already", call, events: [] }
        : { kind: "over", call, endReason: "answered_elsewhere" };
    }
    const key = deviceId && keyOfDevice(deviceId);
    const known = key ? acting.devices[key] : undefined;
    // A client has no more devices than this: further names are not its devices, and the item stays small.
    const surplus = known === undefined && Object.keys(acting.devices).length >= MAX_DEVICES;
    if (acting.status === "ringing" && (!deviceId || surplus || known?.ringingAtMs !== undefined)) {
      return { kind: "already", call, events: announce("CallRinging", call) };
    }
    const devices =
      key && !surplus
        ? { ...acting.devices, [key]: { pushes: known?.pushes ?? {}, ringingAtMs: nowMs } }
        : acting.devices;
    const ringingAtMs = acting.ringingAtMs ?? nowMs;
    const next = nextVersion(withLeg(call, leg, { ...acting, status: "ringing", ringingAtMs, devices }));
    return { kind: "changed", call: next, events: announce("CallRinging", next) };
  };

/** A device of a callee answers. The first outcome wins; the same device may ask again and gets the same token while that is good. */
export const answer =
  (leg: number, deviceId: DeviceId | undefined, signIn?: SignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    const refused = refusedTo(call, leg, nowMs);
    if (refused) return refused;
    if (acting.silenced) return { kind: "over", call, endReason: "unreachable" };
    if (acting.status === "left") return overForLeg(call, acting);
    if (acting.status === "joined") {
      return isSamePhone(acting, { deviceId, signIn })
        ? tokenAgain(leg, (joined) => announceJoin(joined, leg))(call, nowMs)
        : { kind: "over", call, endReason: "answered_elsewhere" };
    }
    return join(leg, { deviceId, signIn }, acting.tokenCount || 1)(call, nowMs);
  };

/** A client whose leg was over joins a call that goes on. Its slot must be taken in the same write. */
export const rejoin =
  (leg: number, deviceId: DeviceId | undefined, signIn?: SignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    const refused = refusedTo(call, leg, nowMs);
    if (refused) return refused;
    if (acting.status !== "left" || acting.silenced) return answer(leg, deviceId, signIn)(call, nowMs);
    return join(leg, { deviceId, signIn }, acting.tokenCount + 1)(call, nowMs);
  };

const join =
  (leg: number, phone: ActingPhone, tokenCount: number): Rule =>
  (call, nowMs) => {
    const { leftAtMs: _left, leftReason: _reason, ...acting } = withoutPhone(legOf(call, leg));
    const joined: Leg = {
      ...withParticipantToken(call, acting, tokenCount, nowMs),
      status: "joined",
      joinedAtMs: nowMs,
      ...partOf(phone),
    };
    const next = nextTurn(withAnswer(withLeg(call, leg, joined), nowMs), nowMs);
    return { kind: "changed", call: next, events: announceJoin(next, leg) };
  };

/** From the first answer on the call may last up to its hard limit. */
function withAnswer(call: Call, nowMs: number): Call {
  if (call.answeredAtMs !== undefined) return call;
  const deadlineMs = nowMs + call.maxCallSeconds * 1000;
  return { ...call, answeredAtMs: nowMs, deadlineMs };
}

/**
 * Another phone of the client takes part from now on. The earlier phone's part is over: its participants are removed from
 * the stage (removals.ts, R1). A repeat publishes this again.
 */
export const takeOver =
  (leg: number, phone: ActingPhone): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    const refused = refusedTo(call, leg, nowMs);
    if (refused) return refused;
    if (acting.status === "left") return overForLeg(call, acting);
    if (isSamePhone(acting, phone)) {
      const again = renewToken(leg)(call, nowMs);
      if (acting.tokensOver === undefined || !("events" in again)) return again;
      return { ...again, events: [...again.events, ...announceMove(again.call, leg)] };
    }
    const answered = call.answeredAtMs !== undefined;
    const { doubt: _doubt, ...left } = withoutPhone(withPartOver(acting));
    const fromMs = Math.max(nowMs, answered ? 0 : call.ringUntilMs);
    const moved = { ...withParticipantToken(call, left, acting.tokenCount + 1, fromMs), ...partOf(phone) };
    const next = nextVersion(withLeg(call, leg, moved));
    return { kind: "changed", call: next, events: announceMove(next, leg) };
  };

const withoutPhone = ({ deviceId: _device, signIn: _signIn, ...leg }: Leg): Leg => leg;
