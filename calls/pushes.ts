/**
 * What is pushed to phones, and when. The type is derived from the call at send time, so a late job still tells the truth.
 * `incoming_call` is the only type that ever goes to a VoIP token: Apple revokes a token that wakes an app for anything
 * else. No participant token is ever pushed.
 */
import { type PushFailure, PushSent } from "../events/push-sent.ts";
import type { EndReason } from "../events/end-reason.ts";
import type { Announcement } from "../events/event.ts";
import {
  type Call,
  type Leg,
  legNumbers,
  legOf,
  type Media,
  type PushOutcome,
  type PushProgress,
  type PushType,
} from "./call.ts";
import { type Device, isVoip, type NotifyType } from "./device.ts";
import { keyOfDevice } from "./device-key.ts";
import { isSameToken } from "./device-token.ts";
import type { CallId, ClientId } from "./ids.ts";
import { leave, nextVersion, withLeg } from "./legs.ts";
import { isOtherDevice, pushTypeOf } from "./pushes-due.ts";
import type { Rule } from "./rules.ts";
import type { Secret } from "./secret.ts";
import { announceLegEnds, snapshot } from "./snapshot.ts";

/** The flat string map that reaches the app on both platforms (docs/push.md): these names are the apps' contract. */
export type PushData = Readonly<{
  v: "1";
  type: PushType;
  call_id: CallId;
  /** The same: an iPhone's CallKit takes a UUID. */
  call_uuid: CallId;
  caller_id: ClientId;
  caller_name: string;
  receiver_id: ClientId;
  media: Media;
  /** Milliseconds since 1970-01-01T00:00:00Z, as text. */
  sent_at_ms: string;
  ring_expires_at_ms: string;
  ring_seconds_left?: string;
  reason?: EndReason;
}>;

export interface Push {
  readonly type: PushType;
  readonly data: PushData;
  /** How long the push service may keep trying. */
  readonly ttlSeconds: number;
}

/** One address to push to: a device by one of its tokens. */
export interface PushAddress {
  readonly deviceId: string;
  readonly notifyType: NotifyType;
  readonly token: Secret;
  /** When the device last registered: what a push network reported of the token before then is outdated. */
  readonly seenAtMs: number;
}

/** The legs whose phones should know something now. Once a ring is over, nothing rings. */
export function legsToTell(call: Call, nowMs: number): { leg: number; type: PushType }[] {
  return legNumbers(call).flatMap((leg) => {
    const of = legOf(call, leg);
    const type = pushTypeOf(of);
    if (!type || (type === "incoming_call" && nowMs >= of.ringUntilMs)) return [];
    return [{ leg, type }];
  });
}

/** Which addresses a push of this type goes to: one per device and per token, and no device twice for the same type. */
export function addressesFor(type: PushType, leg: Leg, devices: readonly Device[]): PushAddress[] {
  if (leg.silenced) return [];
  return devices
    .filter(({ deviceId }) => leg.devices[keyOfDevice(deviceId)]?.pushes[type] === undefined)
    .filter(({ deviceId }) => mustHear(type, leg, deviceId))
    .flatMap((device) => addressOf(type, device))
    .filter((address, at, all) => all.findIndex((other) => isSameAddress(other, address)) === at);
}

/** Two devices with one token in two spellings are one phone, registered before there was one spelling. */
const isSameAddress = (one: PushAddress, other: PushAddress): boolean =>
  one.notifyType === other.notifyType && isSameToken(one.notifyType, one.token, other.token);

/** A ring and a missed call go to every device; all other types go to devices that rang. */
function mustHear(type: PushType, leg: Leg, deviceId: string): boolean {
  if (type === "incoming_call" || type === "missed_call") return true;
  const rang = leg.devices[keyOfDevice(deviceId)] !== undefined;
  return rang && (!type.endsWith("_elsewhere") || isOtherDevice(leg, deviceId));
}

function addressOf(type: PushType, { deviceId, tokens, lastSeenAtMs: seenAtMs }: Device): PushAddress[] {
  const offered = Object.entries(tokens) as [NotifyType, Secret][];
  const ordinary = offered.find(([notifyType]) => !isVoip(notifyType));
  const voip = offered.find(([notifyType]) => isVoip(notifyType));
  const chosen = type === "incoming_call" ? (voip ?? ordinary) : ordinary;
  return chosen ? [{ deviceId, notifyType: chosen[0], token: chosen[1], seenAtMs }] : [];
}

/**
 * The push to the phones of one leg. TTL, `ring_expires_at_ms` and `ring_seconds_left` give the ring time that is really
 * left; `ring_seconds_left` is for phones whose clocks are off.
 */
export function pushFor(type: PushType, call: Call, leg: number, { callerName, nowMs }: PushContext): Push {
  const { clientId, ringUntilMs, leftReason } = legOf(call, leg);
  const ringLeftSeconds = Math.max(1, Math.ceil((ringUntilMs - nowMs) / 1000));
  const reason = leftReason ?? call.endReason;
  const data: PushData = {
    v: "1",
    type,
    call_id: call.callId,
    call_uuid: call.callId,
    caller_id: call.callerId,
    caller_name: callerName,
    receiver_id: clientId,
    media: call.media,
    sent_at_ms: String(nowMs),
    ring_expires_at_ms: String(ringUntilMs),
    ...(type === "incoming_call" && { ring_seconds_left: String(ringLeftSeconds) }),
    ...(reason && { reason }),
  };
  const ttlSeconds = { incoming_call: ringLeftSeconds, missed_call: 24 * 3600 }[type as string] ?? 60;
  return { type, data, ttlSeconds };
}

interface PushContext {
  readonly callerName: string;
  readonly nowMs: number;
}

export type DeviceOutcome = Pick<PushProgress, "outcome" | "channel" | "reason">;

/** The outcomes of the pushes to one leg: device → outcome. A leg without devices has none. */
export interface LegOutcomes {
  readonly leg: number;
  readonly type: PushType;
  readonly devices: ReadonlyMap<string, DeviceOutcome>;
  readonly signIns?: Leg["signIns"];
}

/** Records the outcomes. If every device of a leg is gone for good or has no provider, the leg ends as unreachable. */
export const recordPushes =
  (results: readonly LegOutcomes[]): Rule =>
  (call, nowMs) => {
    // A closed call has published its last event.
    if (call.cleanedUpAtMs !== undefined || results.length === 0)
      return { kind: "already", call, events: [] };
    const told = results.reduce((rest, result) => recordLeg(rest, result, nowMs), call);
    const lost = results.filter((result) => isLost(told, result)).map(({ leg }) => leg);
    // One version, one state: the events of the outcomes carry the call as it stands after them.
    const next = lost.length > 0 ? leave(told, lost, "unreachable", nowMs) : nextVersion(told);
    const events = lost.length > 0 ? announceLegEnds(next, lost) : [];
    return { kind: "changed", call: next, events: [...pushesSent(next, results), ...events] };
  };

function recordLeg(call: Call, { leg, type, devices, signIns = [] }: LegOutcomes, nowMs: number): Call {
  const of = legOf(call, leg);
  const progress = { ...of.devices };
  for (const [deviceId, result] of devices) {
    const key = keyOfDevice(deviceId);
    const known = progress[key] ?? { pushes: {} };
    const push: PushProgress = { ...result, atMs: nowMs };
    progress[key] = { ...known, pushes: { ...known.pushes, [type]: push } };
  }
  const known = signIns.length > 0 && type === "incoming_call" ? { signIns } : {};
  return withLeg(call, leg, { ...of, ...known, devices: progress, told: type });
}

function isLost(call: Call, { leg, type }: LegOutcomes): boolean {
  const { status, devices } = legOf(call, leg);
  if (type !== "incoming_call" || status !== "invited") return false;
  return Object.values(devices).every(({ pushes }) => isHopeless(pushes["incoming_call"]?.outcome));
}

const isHopeless = (outcome: PushOutcome | undefined): boolean =>
  outcome === "gone" || outcome === "no_provider";

/** One event for each type of push, for all legs that it went to. */
function pushesSent(call: Call, results: readonly LegOutcomes[]): Announcement[] {
  return [...new Set(results.map(({ type }) => type))].map((type) => {
    const own = results.filter((one) => one.type === type);
    const failures = countFailures(own);
    return {
      name: PushSent.name,
      detail: {
        ...snapshot(call),
        type,
        outcomes: countOutcomes(own),
        ...(failures.length > 0 && { failures }),
      },
    };
  });
}

const devicesOf = (results: readonly LegOutcomes[]): DeviceOutcome[] =>
  results.flatMap(({ devices }) => [...devices.values()]);

/** Pushes that were not accepted: those with the same channel, outcome and reason are one entry. */
function countFailures(results: readonly LegOutcomes[]): PushFailure[] {
  const counts = new Map<string, PushFailure>();
  for (const { outcome, channel, reason } of devicesOf(results)) {
    if (outcome === "accepted") continue;
    const key = JSON.stringify([channel, outcome, reason]);
    const devices = (counts.get(key)?.devices ?? 0) + 1;
    counts.set(key, { channel, outcome, ...(reason !== undefined && { reason }), devices });
  }
  return [...counts.values()];
}

/** Devices per outcome. */
export function countOutcomes(results: readonly LegOutcomes[]): Partial<Record<PushOutcome, number>> {
  const counts: Partial<Record<PushOutcome, number>> = {};
  for (const { outcome } of devicesOf(results)) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
