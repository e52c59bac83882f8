/**
 * What is pushed to phones, and when. The type is derived from the call at send time, so a late job says what is true.
 * `incoming_call` is the only type that ever goes to a VoIP token: Apple revokes a token that wakes an app for anything
 * else. No participant token is ever pushed.
 */
import { PushSent } from "../events/push-sent.ts";
import { type Call, legNumbers, legOf, type PushOutcome } from "./call.ts";
import { type Device, isVoip } from "./client.ts";
import type { NotifyType } from "./commands.ts";
import { type Decision, endBy, type Rule } from "./rules.ts";
import type { Secret } from "./secret.ts";
import { snapshot } from "./snapshot.ts";

export type PushType =
  | "incoming_call"
  | "call_cancelled"
  | "answered_elsewhere"
  | "declined_elsewhere"
  | "missed_call";

/** The flat string map that reaches the app on both platforms. */
export type PushData = Readonly<Record<string, string>>;

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
  /** When the device last registered: what a push network knew of the token before is no longer true. */
  readonly seenAtMs: number;
}

/** What the call demands to be pushed now; nothing if it demands nothing. */
export function pushTypeDue(call: Call, nowMs: number): PushType | undefined {
  switch (call.status) {
    case "calling":
    case "ringing":
      return nowMs < call.ringUntilMs ? "incoming_call" : undefined;
    case "answered":
      return "answered_elsewhere";
    case "ended":
      return pushTypeOfEnd(call);
  }
}

function pushTypeOfEnd(call: Call): PushType | undefined {
  switch (call.endReason) {
    case "declined":
      return "declined_elsewhere";
    case "missed":
    case "busy":
      return "missed_call";
    case "cancelled":
    case "failed":
      return call.answeredAtMs === undefined ? "call_cancelled" : undefined;
    case "completed":
    case "unreachable":
    case "dropped":
    case "expired":
    case undefined:
      return undefined;
  }
}

/** Which addresses a push of this type goes to: one per device, and no device twice for the same type. */
export function addressesFor(type: PushType, call: Call, devices: readonly Device[]): PushAddress[] {
  const acting = legNumbers(call)
    .map((leg) => legOf(call, leg))
    .find((leg) => leg.role === "callee")?.deviceId;
  return devices
    .filter(({ deviceId }) => call.devices[deviceId]?.pushes[type] === undefined)
    .filter(({ deviceId }) => type === "incoming_call" || type === "missed_call" || hasRung(call, deviceId))
    .filter(({ deviceId }) => !type.endsWith("_elsewhere") || deviceId !== acting)
    .flatMap((device) => addressOf(type, device));
}

const hasRung = (call: Call, deviceId: string): boolean => call.devices[deviceId] !== undefined;

function addressOf(type: PushType, { deviceId, tokens, lastSeenAtMs: seenAtMs }: Device): PushAddress[] {
  const offered = Object.entries(tokens) as [NotifyType, Secret][];
  const ordinary = offered.find(([notifyType]) => !isVoip(notifyType));
  const voip = offered.find(([notifyType]) => isVoip(notifyType));
  const chosen = type === "incoming_call" ? (voip ?? ordinary) : ordinary;
  return chosen ? [{ deviceId, notifyType: chosen[0], token: chosen[1], seenAtMs }] : [];
}

/** The push itself. TTL and `ring_expires_at_ms` are the ring time that is really left. */
export function pushFor(type: PushType, call: Call, callerName: string, nowMs: number): Push {
  const ringLeftSeconds = Math.max(1, Math.ceil((call.ringUntilMs - nowMs) / 1000));
  const data: PushData = {
    v: "1",
    type,
    call_id: call.callId,
    call_uuid: call.callId,
    caller_id: call.callerId,
    caller_name: callerName,
    receiver_id: call.calleeId,
    media: call.media,
    sent_at_ms: String(nowMs),
    ring_expires_at_ms: String(call.ringUntilMs),
    ...(call.endReason && { reason: call.endReason }),
  };
  const ttlSeconds = { incoming_call: ringLeftSeconds, missed_call: 24 * 3600 }[type as string] ?? 60;
  return { type, data, ttlSeconds };
}

/** Records what became of the pushes; if every device of the callee is gone for good, nobody can be reached. */
export const recordPushes =
  (type: PushType, outcomes: ReadonlyMap<string, PushOutcome>): Rule =>
  (call, nowMs): Decision => {
    // A closed call has had its last word.
    if (call.cleanedUpAtMs !== undefined) return { kind: "already", call, events: [] };
    const devices = { ...call.devices };
    for (const [deviceId, outcome] of outcomes) {
      const known = devices[deviceId] ?? { pushes: {} };
      devices[deviceId] = { ...known, pushes: { ...known.pushes, [type]: { outcome, atMs: nowMs } } };
    }
    const next: Call = { ...call, devices, version: call.version + 1 };
    const unreachable = type === "incoming_call" && next.status === "calling" && everyDeviceGone(next);
    const decision: Decision = unreachable
      ? endBy("unreachable")({ ...next, version: call.version }, nowMs)
      : { kind: "changed", call: next, events: [] };
    if (decision.kind !== "changed") return decision;
    // One version, one state: the outcomes are told of the call as it stands after them.
    const sent = {
      name: PushSent.name,
      detail: { ...snapshot(decision.call), type, outcomes: countOutcomes(outcomes) },
    };
    return { ...decision, events: [sent, ...decision.events] };
  };

function everyDeviceGone(call: Call): boolean {
  const outcomes = Object.values(call.devices).map((device) => device.pushes["incoming_call"]?.outcome);
  return outcomes.every((outcome) => outcome === "gone");
}

/** Devices per outcome. */
export function countOutcomes(outcomes: ReadonlyMap<string, PushOutcome>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
