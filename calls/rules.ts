/**
 * The rules of a call: pure. Each takes the call, what happened, and the time, and returns the next call together with
 * the events to publish. The invariants below are kept here, in handlers/change-call.ts, and in workflows/call.ts.
 *
 * W1 After admission, every change of a call is one conditional write on its item, computed by a rule from the item.
 *    `version` rises with every change.
 * W2 `turn` rises with every change that the workflow must act on.
 * W3 A wait of the workflow stores `{taskToken, waitTurn}` on condition that `turn` is the one it has acted on.
 * W4 `drive-call` sends the task token back only if `turn > waitTurn`. Dead tokens and repeats are normal and silent.
 * W5 A wake carries what `drive-call` has just read; the workflow follows that and nothing else. If it is out of date by
 *    then, the next wait's condition fails (W3) and the workflow looks again.
 * W6 A wait ends at the earliest deadline on the item, or after 10 minutes; then the workflow looks again, which writes
 *    what the deadline demands.
 * W7 Events are snapshots. Repeating a command that has taken effect repeats its events; the workflow announces what it
 *    followed. A lost event costs time, never truth.
 * W8 A call past its deadline is over for everybody.
 */
import type { Announcement } from "../events/event.ts";
import { openShard } from "./admission.ts";
import { type Call, type CallStatus, type EndReason, isOver, type Leg, legNumbers, legOf } from "./call.ts";
import type { DeviceId } from "./ids.ts";
import { CLEAN_UP_GRACE_SECONDS, MAX_DEVICES, TOKEN_GRACE_SECONDS } from "./limits.ts";
import { announce, announceLegEnd, announceToken, dueAtMs } from "./snapshot.ts";

export type Decision =
  /** Write `call` on condition that nothing changed meanwhile, then publish. */
  | { readonly kind: "changed"; readonly call: Call; readonly events: readonly Announcement[] }
  /** It has taken effect before: publish again (W7). */
  | { readonly kind: "already"; readonly call: Call; readonly events: readonly Announcement[] }
  /** The call is over for the one who asks. */
  | { readonly kind: "over"; readonly call: Call; readonly endReason: EndReason | "answered_elsewhere" };

export type Rule = (call: Call, nowMs: number) => Decision;

type ActingDevice = DeviceId | undefined;

/** A device of the callee answers. The first outcome wins; the same device may ask again and gets the same token. */
export const answer =
  (leg: number, deviceId: ActingDevice): Rule =>
  (call, nowMs) => {
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, nowMs);
    const acting = legOf(call, leg);
    if (acting.status === "joined") {
      return sameDevice(acting, deviceId)
        ? { kind: "already", call, events: announce("CallAnswered", call) }
        : { kind: "over", call, endReason: "answered_elsewhere" };
    }
    const joined: Leg = {
      ...withToken(acting, acting.tokenCount || 1, Math.max(call.ringUntilMs, nowMs)),
      status: "joined",
      ...(deviceId && { deviceId }),
    };
    const deadlineMs = nowMs + call.maxCallSeconds * 1000;
    const next = acted({
      ...withLeg(call, leg, joined),
      answeredAtMs: nowMs,
      deadlineMs,
      sweepAtMs: deadlineMs,
    });
    return { kind: "changed", call: next, events: announce("CallAnswered", next) };
  };

/** A device says that it rings. The first makes the call ring for the caller; the workflow need not act. */
export const ring =
  (leg: number, deviceId: ActingDevice): Rule =>
  (call, nowMs) => {
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, nowMs);
    const acting = legOf(call, leg);
    if (acting.status === "joined") {
      return sameDevice(acting, deviceId)
        ? { kind: "already", call, events: [] }
        : { kind: "over", call, endReason: "answered_elsewhere" };
    }
    const known = deviceId ? call.devices[deviceId] : undefined;
    // A client has no more devices than this: further names are nobody's, and the item stays small.
    const surplus = known === undefined && Object.keys(call.devices).length >= MAX_DEVICES;
    if (call.status === "ringing" && (!deviceId || surplus || known?.ringingAtMs !== undefined)) {
      return { kind: "already", call, events: announce("CallRinging", call) };
    }
    const devices =
      deviceId && !surplus
        ? { ...call.devices, [deviceId]: { pushes: known?.pushes ?? {}, ringingAtMs: nowMs } }
        : call.devices;
    const next = visible({ ...withLeg(call, leg, { ...acting, status: "ringing" }), devices });
    return { kind: "changed", call: next, events: announce("CallRinging", next) };
  };

/** A device of the callee says no. In a call of two that ends it. */
export const decline =
  (leg: number, deviceId: ActingDevice): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (call.endReason === "declined" && sameDevice(acting, deviceId)) {
      return { kind: "already", call, events: announce("CallDeclined", call) };
    }
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, nowMs);
    if (acting.status === "joined") return { kind: "over", call, endReason: "answered_elsewhere" };
    const left: Leg = { ...acting, status: "left", ...(deviceId && { deviceId }) };
    const next = ended(withLeg(call, leg, left), "declined", nowMs);
    return { kind: "changed", call: next, events: announce("CallDeclined", next) };
  };

/** A leg hangs up: the caller of an unanswered call cancels it, its callee declines it, and otherwise it is completed. */
export const endLeg =
  (leg: number, deviceId?: ActingDevice): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isOver(call)) {
      return { kind: "already", call, events: acting.status === "left" ? eventsOfEnd(call, leg) : [] };
    }
    if (nowMs >= call.deadlineMs) return passTime(call, nowMs);
    if (call.status !== "answered" && acting.role === "callee") return decline(leg, deviceId)(call, nowMs);
    const reason: EndReason = call.status === "answered" ? "completed" : "cancelled";
    const next = ended(withLeg(call, leg, { ...acting, status: "left" }), reason, nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next, leg) };
  };

/** What a deadline demands: a call nobody answered is missed, one past its hard limit has expired. */
export const passTime: Rule = (call, nowMs) => {
  if (isOver(call) || nowMs < dueAtMs(call)) return { kind: "already", call, events: [] };
  return endBy(call.status === "answered" ? "expired" : "missed")(call, nowMs);
};

/** The server ends the call, whatever its state: nobody's hang-up. */
export const endBy =
  (reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call)) return { kind: "already", call, events: [] };
    const next = ended(call, reason, nowMs);
    return { kind: "changed", call: next, events: announceLegEnd(next, 2) };
  };

/** A leg's part is over without a word of its own. In a call of two that ends the call. */
export const endLegAs =
  (leg: number, reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call)) return { kind: "already", call, events: [] };
    const next = ended(withLeg(call, leg, { ...legOf(call, leg), status: "left" }), reason, nowMs);
    return { kind: "changed", call: next, events: announceLegEnd(next, leg) };
  };

/** Ends an admission whose event could not be published; if anything has happened since, the call is alive. */
export const failAdmission: Rule = (call, nowMs) =>
  call.turn === 0 && call.status === "calling"
    ? endBy("failed")(call, nowMs)
    : { kind: "already", call, events: [] };

/** Prepares the callee's place on the stage while the phone rings: its `jti` and expiry, not the token. */
export const prepareToken =
  (leg: number): Rule =>
  (call) => {
    const acting = legOf(call, leg);
    if (isOver(call)) return { kind: "already", call, events: [] };
    if (acting.tokenCount > 0) return { kind: "already", call, events: [announceToken(call, leg)] };
    const next = visible(withLeg(call, leg, withToken(acting, 1, call.ringUntilMs)));
    return { kind: "changed", call: next, events: [announceToken(next, leg)] };
  };

/** Issues another token to a leg: its own `jti`, recorded before it is signed. */
export const renewToken =
  (leg: number): Rule =>
  (call, nowMs) => {
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, nowMs);
    const acting = legOf(call, leg);
    const renewed = withToken(
      acting,
      acting.tokenCount + 1,
      Math.max(nowMs, call.status === "answered" ? 0 : call.ringUntilMs),
    );
    const next = visible(withLeg(call, leg, renewed));
    return {
      kind: "changed",
      call: next,
      events: call.status === "answered" ? [] : announce("CallInitiated", next),
    };
  };

/** The end of the story: nothing is held any more and the sweep need not look. */
export const closeCall =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    if (!isOver(call)) throw new Error(`call ${call.callId} is ${call.status}: end it before it is closed`);
    if (call.cleanedUpAtMs !== undefined) return { kind: "already", call, events: [] };
    const { openShard: _shard, sweepAtMs: _at, taskToken: _token, ...rest } = call;
    const expiresAtSeconds = Math.ceil(nowMs / 1000) + retentionDays * 86_400;
    return {
      kind: "changed",
      call: visible({ ...rest, cleanedUpAtMs: nowMs, expiresAtSeconds }),
      events: [],
    };
  };

/**
 * The same for whoever closes it in the workflow's place and has yet to publish CallEnded: the sweep keeps the call
 * until that has been done, even one that the workflow has closed before.
 */
export const closeUnannounced =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    const sweep = { openShard: openShard(call.callId), sweepAtMs: nowMs + CLEAN_UP_GRACE_SECONDS * 1000 };
    const decision = closeCall(retentionDays)(call, nowMs);
    if (decision.kind === "already" && call.openShard !== undefined) return decision;
    return { kind: "changed", call: { ...decision.call, ...sweep }, events: [] };
  };

/** Everybody knows: the sweep need not look again. Nobody sees this change, so the version stays. */
export const announced: Rule = (call) => {
  if (call.openShard === undefined) return { kind: "already", call, events: [] };
  const { openShard: _shard, sweepAtMs: _at, ...rest } = call;
  return { kind: "changed", call: rest, events: [] };
};

/** The status that follows from the legs. In a call of two, a leg that leaves takes the other with it. */
function statusOfLegs(call: Call): CallStatus {
  const callees = legNumbers(call)
    .map((leg) => legOf(call, leg))
    .filter((leg) => leg.role === "callee");
  if (callees.some((leg) => leg.status === "joined")) return "answered";
  if (callees.every((leg) => leg.status === "left")) return "ended";
  return callees.some((leg) => leg.status === "ringing") ? "ringing" : "calling";
}

/** The latest moment at which any participant token of the call could still be used to join. */
export function tokensUntilMs(call: Call): number {
  return Math.max(0, ...legNumbers(call).map((leg) => legOf(call, leg).tokensUntilMs));
}

function over(call: Call, nowMs: number): Decision {
  const endReason = call.endReason ?? (call.status === "answered" ? "expired" : "missed");
  return { kind: "over", call: isOver(call) ? call : ended(call, endReason, nowMs), endReason };
}

function ended(call: Call, endReason: EndReason, nowMs: number): Call {
  const legs = Object.fromEntries(
    Object.entries(call.legs).map(([leg, one]) => [leg, { ...one, status: "left" as const }]),
  );
  const sweepAtMs = nowMs + CLEAN_UP_GRACE_SECONDS * 1000;
  return acted({ ...call, legs, endReason, endedAtMs: nowMs, deadlineMs: nowMs, sweepAtMs });
}

function eventsOfEnd(call: Call, leg: number): Announcement[] {
  if (call.endReason === "cancelled") return announce("CallCancelled", call);
  if (call.endReason === "declined") return announce("CallDeclined", call);
  return announceLegEnd(call, leg);
}

const visible = (call: Call): Call => ({ ...call, status: statusOfLegs(call), version: call.version + 1 });
const acted = (call: Call): Call => ({ ...visible(call), turn: call.turn + 1 });
const withLeg = (call: Call, leg: number, next: Leg): Call => ({
  ...call,
  legs: { ...call.legs, [leg]: next },
});
const sameDevice = (leg: Leg, deviceId: ActingDevice): boolean =>
  !deviceId || !leg.deviceId || leg.deviceId === deviceId;

function withToken(leg: Leg, tokenCount: number, fromMs: number): Leg {
  const untilMs = fromMs + TOKEN_GRACE_SECONDS * 1000;
  return { ...leg, tokenCount, tokensUntilMs: Math.max(leg.tokensUntilMs, untilMs) };
}
