/** Starting a call: the record of a new call, and what a slot that is taken by a living call means. */
import type { Call, EndReason, Leg, Media, Stage } from "./call.ts";
import type { Client } from "./client.ts";
import type { CallId, DeviceId } from "./ids.ts";
import {
  CALL_RETENTION_DAYS,
  SLOT_GRACE_SECONDS,
  SWEEP_SHARDS,
  TOKEN_GRACE_SECONDS,
  WORKFLOW_START_GRACE_SECONDS,
} from "./limits.ts";

/** Rises when the workflow changes in a way that a running execution of an older one would not understand. */
export const WORKFLOW_VERSION = 1;

export interface NewCall {
  readonly callId: CallId;
  readonly caller: Client;
  readonly callee: Client;
  readonly deviceId?: DeviceId | undefined;
  readonly media: Media;
  readonly stage: Stage;
  readonly ringSeconds: number;
  readonly maxCallSeconds: number;
  readonly nowMs: number;
}

/** A call whose callee is about to ring. The caller's token is issued with it. */
export function newCall({ stage, deviceId, ...rest }: NewCall): Call {
  const ringUntilMs = rest.nowMs + rest.ringSeconds * 1000;
  const call = record({ ...rest, ringUntilMs });
  const caller = {
    ...legFor(rest.caller, "caller"),
    tokenCount: 1,
    tokensUntilMs: ringUntilMs + TOKEN_GRACE_SECONDS * 1000,
  };
  return {
    ...call,
    stage,
    legs: {
      1: { ...caller, status: "joined", ...(deviceId && { deviceId }) },
      2: legFor(rest.callee, "callee"),
    },
  };
}

/** A call that ended before it began, because the callee is in another: it leaves a trace and a `missed_call`. */
export function busyCall(wanted: Omit<NewCall, "stage" | "deviceId" | "ringSeconds">): Call {
  const call = record({ ...wanted, ringUntilMs: wanted.nowMs });
  const endReason: EndReason = "busy";
  const left = { status: "left" } as const;
  return {
    ...call,
    status: "ended",
    endReason,
    endedAtMs: wanted.nowMs,
    deadlineMs: wanted.nowMs,
    turn: 1,
    legs: {
      1: { ...legFor(wanted.caller, "caller"), ...left },
      2: { ...legFor(wanted.callee, "callee"), ...left },
    },
  };
}

type Parties = Pick<NewCall, "callId" | "caller" | "callee" | "media" | "maxCallSeconds" | "nowMs">;

function record({
  callId,
  caller,
  callee,
  media,
  maxCallSeconds,
  nowMs,
  ringUntilMs,
}: Parties & { ringUntilMs: number }): Call {
  return {
    callId,
    status: "calling",
    media,
    callerId: caller.clientId,
    calleeId: callee.clientId,
    legs: {},
    devices: {},
    createdAtMs: nowMs,
    ringUntilMs,
    deadlineMs: ringUntilMs + SLOT_GRACE_SECONDS * 1000,
    maxCallSeconds,
    version: 1,
    turn: 0,
    workflowVersion: WORKFLOW_VERSION,
    openShard: openShard(callId),
    sweepAtMs: nowMs + WORKFLOW_START_GRACE_SECONDS * 1000,
    expiresAtSeconds: Math.ceil(nowMs / 1000) + 2 * CALL_RETENTION_DAYS * 86_400,
  };
}

function legFor({ clientId, sub }: Client, role: Leg["role"]): Leg {
  return { clientId, sub, role, status: "invited", tokenCount: 0, tokensUntilMs: 0 };
}

/** Where the sweep looks for a call. The last hex digits of a call id are random: calls spread evenly. */
export const openShard = (callId: CallId): string =>
  `open#${Number.parseInt(callId.slice(-4), 16) % SWEEP_SHARDS}`;

export type SlotConflict = "same_call" | "glare" | "caller_in_call" | "callee_busy";

/** What it means that a living call holds the slot of one of the two who want to speak. */
export function slotConflict(holder: Call, callerId: string, calleeId: string): SlotConflict {
  if (holder.callerId === callerId && holder.calleeId === calleeId) return "same_call";
  if (holder.callerId === calleeId && holder.calleeId === callerId) return "glare";
  return holder.callerId === callerId || holder.calleeId === callerId ? "caller_in_call" : "callee_busy";
}
