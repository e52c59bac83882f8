/**
 * The rules of a call: pure. Each takes the call, what happened, and the time, and returns the next call together with
 * the events to publish. The invariants below are kept here, in handlers/call/change-call.ts, and in workflows/call.ts.
 *
 * W1 After admission, every change of a call is one conditional write on its item, computed by a rule from the item.
 *    `version` rises with every change.
 * W2 `turn` rises with every change that the workflow must act on.
 * W3 A wait of the workflow stores `{taskToken, waitTurn}` on condition that `turn` is the one it has acted on.
 * W4 `drive-call` sends the task token back only if `turn > waitTurn`. Dead tokens and repeats are normal and silent.
 * W5 A wake carries what `drive-call` has just read; the workflow follows that and nothing else. If it is out of date by
 *    then, the next wait's condition fails (W3) and the workflow looks again.
 * W6 A wait ends at the earliest deadline on the item, or after an hour; then the workflow looks again, which writes what
 *    the deadline demands. A change that was not followed within FOLLOW_SECONDS is found by the sweep, which wakes the workflow.
 * W7 Events are snapshots. Who changes the call publishes them, the one that wakes the workflow with or after the others.
 *    Repeating a command that has taken effect repeats its events. A change that the workflow follows without having been
 *    woken may never have been told: whoever found it, a look or the sweep, tells of it. So a lost event costs time, never truth.
 * W8 A call past its deadline is over for everybody.
 */
import type { EndReason } from "../events/end-reason.ts";
import type { Announcement } from "../events/event.ts";
import { type ActingPhone, isSamePhone, partOf, type SignIn } from "./acting-phone.ts";
import { openShard } from "./admission.ts";
import { keyOfDevice } from "./device-key.ts";
import {
  type Call,
  isOver,
  isRemoved,
  isRung,
  type Leg,
  legNumbers,
  legOf,
  legOfClient,
  legsOf,
  type OverReason,
} from "./call.ts";
import type { DeviceId } from "./ids.ts";
import {
  nextTurn,
  calleeLegs,
  end,
  isReusable,
  leave,
  nextVersion,
  withLeg,
  withParticipantToken,
  withPartOver,
} from "./legs.ts";
import { CLEAN_UP_GRACE_SECONDS, MAX_DEVICES, MAX_PARTICIPANTS_KEPT, SLOT_GRACE_SECONDS } from "./limits.ts";
import { type Operator, withAdded } from "./operator-acts.ts";
import {
  announce,
  announceCall,
  announceEnd,
  announceInvitations,
  announceJoin,
  announceLegEnds,
  announceMove,
  announceToken,
  dueAtMs,
} from "./snapshot.ts";

export type Decision =
  /** Write `call` on condition that nothing changed meanwhile, then publish. */
  | { readonly kind: "changed"; readonly call: Call; readonly events: readonly Announcement[] }
  /** It has taken effect before: publish again (W7). */
  | { readonly kind: "already"; readonly call: Call; readonly events: readonly Announcement[] }
  /** The call is over for the one who asks. */
  | { readonly kind: "over"; readonly call: Call; readonly endReason: OverReason }
  /** An operator has removed the person, who gets no participant token of this call: before its end and after. */
  | { readonly kind: "removed"; readonly call: Call };

export type Rule = (call: Call, nowMs: number) => Decision;

type ActingDevice = DeviceId | undefined;
/** Of a phone that may not name itself. */
type ActingSignIn = SignIn | undefined;

/** A device of a callee answers. The first outcome wins; the same device may ask again and gets the same token while that is good. */
export const answer =
  (leg: number, deviceId: ActingDevice, signIn?: ActingSignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isRemoved(call, acting.sub)) return { kind: "removed", call };
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
    if (acting.silenced) return { kind: "over", call, endReason: "unreachable" };
    if (acting.status === "left") return overForLeg(call, acting);
    if (acting.status === "joined") {
      return isSamePhone(acting, { deviceId, signIn })
        ? tokenAgain(leg, (joined) => announceJoin(joined, leg))(call, nowMs)
        : { kind: "over", call, endReason: "answered_elsewhere" };
    }
    return join(leg, { deviceId, signIn }, acting.tokenCount || 1)(call, nowMs);
  };

/** Somebody whose leg was over comes into a call that goes on. Its slot has to be taken in the same write. */
export const rejoin =
  (leg: number, deviceId: ActingDevice, signIn?: ActingSignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isRemoved(call, acting.sub)) return { kind: "removed", call };
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
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

const withoutPhone = ({ deviceId: _device, signIn: _signIn, ...leg }: Leg): Leg => leg;

/**
 * Another phone of the client takes part from now on. What the one before it had is over: its participants are removed from
 * the stage (removals.ts, R1). A repeat says so again.
 */
export const takeOver =
  (leg: number, phone: ActingPhone): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isRemoved(call, acting.sub)) return { kind: "removed", call };
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
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

/** From the first answer on the call may last as long as its hard limit says. */
function withAnswer(call: Call, nowMs: number): Call {
  if (call.answeredAtMs !== undefined) return call;
  const deadlineMs = nowMs + call.maxCallSeconds * 1000;
  return { ...call, answeredAtMs: nowMs, deadlineMs };
}

/** A device says that it rings. The first makes the call ring for the caller; the workflow need not act. */
export const ring =
  (leg: number, deviceId: ActingDevice, signIn?: ActingSignIn): Rule =>
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
    // A client has no more devices than this: further names are nobody's, and the item stays small.
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

/** A device of a callee says no: its leg is over, and with the last one the call. */
export const decline =
  (leg: number, deviceId: ActingDevice, signIn?: ActingSignIn): Rule =>
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
  (leg: number, deviceId?: ActingDevice, signIn?: ActingSignIn): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isOver(call) || acting.status === "left") {
      return { kind: "already", call, events: acting.status === "left" ? eventsOfEnd(call, leg) : [] };
    }
    if (nowMs >= call.deadlineMs) return passTime(call, nowMs);
    if (isRung(acting)) return decline(leg, deviceId, signIn)(call, nowMs);
    return leaveAs(leg, call.answeredAtMs === undefined ? "cancelled" : "completed")(call, nowMs);
  };

/** A leg that takes part is over, whoever says so. */
export const leaveAs =
  (leg: number, reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call) || legOf(call, leg).status === "left") return { kind: "already", call, events: [] };
    const next = leave(call, [leg], reason, nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next, leg) };
  };

/** What a deadline demands: a leg that nobody answered is missed, and a call past its hard limit has expired. */
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

/** The server ends the call, whatever its state: nobody's hang-up. */
export const endBy =
  (reason: EndReason): Rule =>
  (call, nowMs) => {
    if (isOver(call)) return { kind: "already", call, events: [] };
    const next = end(call, reason, nowMs);
    return { kind: "changed", call: next, events: eventsOfEnd(next) };
  };

/** Ends an admission whose event could not be published; if anything has happened since, the call is alive. */
export const failAdmission: Rule = (call, nowMs) =>
  call.turn === 0 && call.status === "calling"
    ? endBy("failed")(call, nowMs)
    : { kind: "already", call, events: [] };

/**
 * More people are called. Who was in the call before keeps the number of its leg. Whom an operator has removed, only an
 * operator may call again.
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

/** Whoever had a token before gets another if they answer; which participants of theirs are over is not forgotten. */
function askedAgain(leg: Leg, before: Leg | undefined): Leg {
  if (!before || before.tokenCount === 0) return leg;
  const { tokensUntilMs, tokenCount, tokensOver, participantsOver } = before;
  const over = { ...(tokensOver && { tokensOver }), ...(participantsOver && { participantsOver }) };
  return { ...leg, ...over, tokensUntilMs, tokenCount: tokenCount + 1 };
}

/** Before anybody has answered, the call lasts as long as somebody is called. */
function ringsUntil(call: Call, lastRingMs: number): Call {
  if (call.answeredAtMs !== undefined) return call;
  return { ...call, deadlineMs: Math.max(call.deadlineMs, lastRingMs + SLOT_GRACE_SECONDS * 1000) };
}

/** Prepares the callees' places on the stage while their phones ring: the `jti`. The answer's write sets the expiry. */
export const prepareTokens: Rule = (call) => {
  if (isOver(call)) return { kind: "already", call, events: [] };
  const rung = calleeLegs(call).filter((leg) => legOf(call, leg).status !== "left");
  const bare = rung.filter((leg) => legOf(call, leg).tokenCount === 0);
  if (bare.length === 0) {
    return { kind: "already", call, events: rung.map((leg) => announceToken(call, leg)) };
  }
  const prepared = bare.reduce(
    (rest, leg) => withLeg(rest, leg, { ...legOf(rest, leg), tokenCount: 1 }),
    call,
  );
  const next = nextVersion(prepared);
  return { kind: "changed", call: next, events: bare.map((leg) => announceToken(next, leg)) };
};

/** A leg that takes part asks for a token again: the same one while that is good, else the next number. */
export const renewToken =
  (leg: number): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isRemoved(call, acting.sub)) return { kind: "removed", call };
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
    if (acting.status === "left") return overForLeg(call, acting);
    const events = (told: Call) => (told.answeredAtMs === undefined ? announce("CallInitiated", told) : []);
    return tokenAgain(leg, events)(call, nowMs);
  };

/** A request for a token is a sign of life: a doubt about the leg is over (presence.ts, P3). */
const tokenAgain =
  (leg: number, eventsOf: (call: Call) => readonly Announcement[]): Rule =>
  (call, nowMs) => {
    const { doubt, ...acting } = legOf(call, leg);
    const reusable = isReusable(acting, nowMs);
    if (reusable && !doubt) return { kind: "already", call, events: eventsOf(call) };
    const fromMs = call.answeredAtMs === undefined ? Math.max(nowMs, call.ringUntilMs) : nowMs;
    const renewed = reusable ? acting : withParticipantToken(call, acting, acting.tokenCount + 1, fromMs);
    const next = nextVersion(withLeg(call, leg, renewed));
    return { kind: "changed", call: next, events: eventsOf(next) };
  };

/** The media provider chose this participant's id. Kept before the token is given out: else nobody could remove who joins with it. */
export const namedByProvider =
  (leg: number, id: string): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    if (isRemoved(call, acting.sub)) return { kind: "removed", call };
    if (isOver(call) || nowMs >= call.deadlineMs) return over(call, leg, nowMs);
    if (acting.status === "left") return overForLeg(call, acting);
    const participants = [...(acting.participants ?? []), id].slice(-MAX_PARTICIPANTS_KEPT);
    return {
      kind: "changed",
      call: nextVersion(withLeg(call, leg, { ...acting, participants })),
      events: [],
    };
  };

/** The end of the story: nothing is held any more and the sweep need not look. */
export const closeCall =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    if (!isOver(call)) throw new Error(`call ${call.callId} is ${call.status}: end it before it is closed`);
    if (call.cleanedUpAtMs !== undefined)
      return { kind: "already", call, events: [announceCall("CallEnded", call)] };
    const { openShard: _shard, sweepAtMs: _at, taskToken: _token, callerName: _name, ...rest } = call;
    const expiresAtSeconds = Math.ceil(nowMs / 1000) + retentionDays * 86_400;
    const next = nextVersion({ ...rest, cleanedUpAtMs: nowMs, expiresAtSeconds });
    return { kind: "changed", call: next, events: [announceCall("CallEnded", next)] };
  };

/**
 * The same for whoever closes it in the workflow's place and has yet to publish CallEnded: the sweep keeps the call
 * until that has been done, even one that the workflow has closed before.
 */
export const closeBeforeAnnouncing =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    const sweep = { openShard: openShard(call.callId), sweepAtMs: nowMs + CLEAN_UP_GRACE_SECONDS * 1000 };
    const decision = closeCall(retentionDays)(call, nowMs);
    if (decision.kind === "already" && call.openShard !== undefined)
      return { kind: "already", call, events: [] };
    return { kind: "changed", call: { ...decision.call, ...sweep }, events: [] };
  };

/** Everybody knows: the sweep need not look again. Nobody sees this change, so the version stays. */
export const endSweep: Rule = (call) => {
  if (call.openShard === undefined) return { kind: "already", call, events: [] };
  const { openShard: _shard, sweepAtMs: _at, ...rest } = call;
  return { kind: "changed", call: rest, events: [] };
};

/** The latest moment at which any participant token of the call could still be used to join. */
export function tokensUntilMs(call: Call): number {
  return Math.max(0, ...legsOf(call).map((leg) => leg.tokensUntilMs));
}

function over(call: Call, leg: number | undefined, nowMs: number): Decision {
  const endReason = call.endReason ?? (call.answeredAtMs === undefined ? "missed" : "expired");
  // A removal ends a call of two, but only one of them was removed.
  const ofLeg = leg === undefined || endReason !== "removed" ? undefined : legOf(call, leg).leftReason;
  return {
    kind: "over",
    call: isOver(call) ? call : end(call, endReason, nowMs),
    endReason: ofLeg ?? endReason,
  };
}

/** The call goes on without this leg. */
const overForLeg = (call: Call, { leftReason = "completed" }: Leg): Decision => ({
  kind: "over",
  call,
  endReason: leftReason,
});

/** `legs` are those that have ended by themselves; whom the end of the call takes along is said with them. */
export function eventsOfEnd(call: Call, ...legs: number[]): Announcement[] {
  if (call.endReason === "cancelled") return announceEnd("CallCancelled", call, legs);
  if (call.endReason === "declined") return announceEnd("CallDeclined", call, legs);
  return announceLegEnds(call, legs);
}
