/** A call as events, the workflow, and its people see it. */
import {
  CallAnswered,
  CallCancelled,
  CallDeclined,
  CallEnded,
  CallInitiated,
  CallRinging,
} from "../events/call-progress.ts";
import type { CallSnapshot, LegSnapshot } from "../events/call-snapshot.ts";
import type { Announcement } from "../events/event.ts";
import { LegEnded, LegUpdated, type LegUpdatedDetail } from "../events/legs.ts";
import { ParticipantTokenIssued } from "../events/participant-token-issued.ts";
import { type Call, legNumbers, legOf } from "./call.ts";
import type { CallView } from "./commands.ts";
import { participantId } from "./ids.ts";

export function snapshot(call: Call): CallSnapshot {
  const { callId, version, status, endReason, media, callerId, calleeId, createdAtMs, ringUntilMs } = call;
  const { answeredAtMs, endedAtMs, causedBy } = call;
  return {
    v: 1,
    callId,
    version,
    ...(causedBy !== undefined && { causedBy }),
    status,
    ...(endReason && { endReason }),
    media,
    callerId,
    calleeId,
    createdAtMs,
    ringUntilMs,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
  };
}

export function legSnapshot(call: Call, leg: number): LegSnapshot {
  const { clientId, role, status } = legOf(call, leg);
  const otherClientId = clientId === call.callerId ? call.calleeId : call.callerId;
  return { leg, clientId, otherClientId, role, legStatus: status };
}

/** What the workflow carries from one look at the call to the next: outcomes and ids, no token of any kind. */
export interface WorkflowView {
  readonly turn: number;
  /** The next moment at which the workflow must look again, whatever happens (W6). */
  readonly dueAtMs: number;
  /** More than one device rang, so others have to fall silent after an answer. */
  readonly severalDevices: boolean;
  /** Ready to be published: the call, and the call as each leg sees it. */
  readonly snapshot: CallSnapshot;
  readonly legs: readonly LegUpdatedDetail[];
}

export function workflowView(call: Call): WorkflowView {
  return {
    turn: call.turn,
    dueAtMs: dueAtMs(call),
    severalDevices: Object.keys(call.devices).length > 1,
    snapshot: snapshot(call),
    legs: legNumbers(call).map((leg) => ({ ...snapshot(call), ...legSnapshot(call, leg) })),
  };
}

/** The earliest deadline on the item. */
export function dueAtMs(call: Call): number {
  return call.status === "calling" || call.status === "ringing" ? call.ringUntilMs : call.deadlineMs;
}

export function callView(call: Call): CallView {
  const { callId, status, endReason, media, callerId, calleeId, version, createdAtMs, ringUntilMs } = call;
  const { answeredAtMs, endedAtMs } = call;
  return {
    callId,
    status,
    ...(endReason && { endReason }),
    media,
    callerId,
    calleeId,
    version,
    createdAtMs,
    ringExpiresAtMs: ringUntilMs,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
    legs: legNumbers(call).map((leg) => {
      const { clientId, role, status: legStatus, deviceId } = legOf(call, leg);
      return { leg, clientId, role, status: legStatus, ...(deviceId && { deviceId }) };
    }),
    devices: Object.entries(call.devices).map(([deviceId, progress]) => ({ deviceId, ...progress })),
  };
}

const turningPoints = { CallInitiated, CallRinging, CallAnswered, CallDeclined, CallCancelled, CallEnded };

/** One event about the whole call, and one about each of its legs: what phones follow live. */
export function announce(name: keyof typeof turningPoints, call: Call): Announcement[] {
  return [{ name: turningPoints[name].name, detail: snapshot(call) }, ...announceLegs(call)];
}

export function announceLegs(call: Call): Announcement[] {
  return legNumbers(call).map((leg) => ({
    name: LegUpdated.name,
    detail: { ...snapshot(call), ...legSnapshot(call, leg) },
  }));
}

export function announceLegEnd(call: Call, leg: number): Announcement[] {
  return [
    { name: LegEnded.name, detail: { ...snapshot(call), ...legSnapshot(call, leg) } },
    ...announceLegs(call),
  ];
}

export function announceToken(call: Call, leg: number): Announcement {
  const { tokenCount, tokensUntilMs } = legOf(call, leg);
  return {
    name: ParticipantTokenIssued.name,
    detail: {
      ...snapshot(call),
      ...legSnapshot(call, leg),
      participantId: participantId(call.callId, leg, tokenCount),
      expiresAtMs: tokensUntilMs,
    },
  };
}
