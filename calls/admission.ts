/** Starting a call: the record of a new call, and what it means that a living call holds a slot. */
import { partOf, type SignIn } from "./acting-phone.ts";
import { type Call, isHeldBy, type Leg, legsOf, type Media } from "./call.ts";
import { type Client, silenceOf } from "./client.ts";
import type { CallId, ClientId, DeviceId } from "./ids.ts";
import { end, withParticipantToken } from "./legs.ts";
import {
  CALL_RETENTION_DAYS,
  SLOT_GRACE_SECONDS,
  SWEEP_SHARDS,
  WORKFLOW_START_GRACE_SECONDS,
} from "./limits.ts";
import type { Room } from "./room.ts";

/** Rises when the workflow changes in a way that running executions of an older one would not understand. */
const WORKFLOW_VERSION = 2;

export interface NewCall {
  readonly callId: CallId;
  readonly caller: Client;
  readonly callerName?: string;
  readonly callees: readonly Client[];
  /** Callees who are in another call. A call whose every callee is busy has its own record. */
  readonly busy?: ReadonlySet<ClientId>;
  readonly deviceId?: DeviceId | undefined;
  readonly signIn?: SignIn | undefined;
  readonly media: Media;
  readonly stage: Room;
  readonly ringSeconds: number;
  readonly maxCallSeconds: number;
  readonly tokenSeconds?: number;
  readonly nowMs: number;
}

/** A call whose callees are about to ring. The caller's token is issued with it. */
export function newCall({ stage, deviceId, signIn, ...rest }: NewCall): Call {
  const ringUntilMs = rest.nowMs + rest.ringSeconds * 1000;
  const call = record({ ...rest, ringUntilMs });
  const caller = withParticipantToken(rest, legFor(rest.caller, "caller", 0), 1, ringUntilMs);
  const callees = rest.callees.map((callee) =>
    invitation(callee, { ...rest, callers: [rest.caller], ringUntilMs }),
  );
  return {
    ...call,
    stage,
    legs: numbered([
      { ...caller, status: "joined", joinedAtMs: rest.nowMs, ...partOf({ deviceId, signIn }) },
      ...callees,
    ]),
  };
}

/** A call that ended before it began, because the callee is in another call: it leaves a record and a `missed_call`. */
export function busyCall(
  wanted: Omit<NewCall, "stage" | "deviceId" | "signIn" | "ringSeconds" | "busy">,
): Call {
  const call = record({ ...wanted, ringUntilMs: wanted.nowMs });
  const callees = wanted.callees.map((callee) => legFor(callee, "callee", wanted.nowMs));
  const legs = numbered([legFor(wanted.caller, "caller", 0), ...callees]);
  const { sweepAtMs } = call;
  return { ...end({ ...call, legs }, "busy", wanted.nowMs), version: 1, sweepAtMs };
}

export interface Invitation {
  /** The leg that the phones name as the caller. */
  readonly callers: readonly { readonly sub: string }[];
  readonly busy?: ReadonlySet<ClientId> | undefined;
  readonly ringUntilMs: number;
  readonly nowMs: number;
}

/** A callee's leg. Silence is decided before busy: a silent callee must not be reported as busy. */
export function invitation(callee: Client, { callers, busy, ringUntilMs, nowMs }: Invitation): Leg {
  const leg = legFor(callee, "callee", ringUntilMs);
  const silenced = silenceOf(callee, callers, nowMs);
  if (silenced) return { ...leg, silenced };
  return busy?.has(callee.clientId) ? { ...leg, status: "left", leftAtMs: nowMs, leftReason: "busy" } : leg;
}

const numbered = (legs: readonly Leg[]): Call["legs"] =>
  Object.fromEntries(legs.map((leg, index) => [index + 1, leg]));

type Parties = Pick<
  NewCall,
  "callId" | "caller" | "callerName" | "callees" | "media" | "maxCallSeconds" | "tokenSeconds" | "nowMs"
>;

function record({
  callId,
  caller,
  callerName,
  callees: [first],
  media,
  maxCallSeconds,
  tokenSeconds,
  nowMs,
  ringUntilMs,
}: Parties & { ringUntilMs: number }): Call {
  if (!first) throw new Error(`call ${callId} has no callee`);
  return {
    callId,
    status: "calling",
    media,
    callerId: caller.clientId,
    ...(callerName !== undefined && { callerName }),
    calleeId: first.clientId,
    legs: {},
    createdAtMs: nowMs,
    ringUntilMs,
    deadlineMs: ringUntilMs + SLOT_GRACE_SECONDS * 1000,
    maxCallSeconds,
    ...(tokenSeconds !== undefined && { tokenSeconds }),
    version: 1,
    turn: 0,
    workflowVersion: WORKFLOW_VERSION,
    openShard: openShard(callId),
    sweepAtMs: nowMs + WORKFLOW_START_GRACE_SECONDS * 1000,
    expiresAtSeconds: Math.ceil(nowMs / 1000) + 2 * CALL_RETENTION_DAYS * 86_400,
  };
}

function legFor({ clientId, sub }: Client, role: Leg["role"], ringUntilMs: number): Leg {
  return {
    clientId,
    sub,
    role,
    status: "invited",
    tokenCount: 0,
    tokensUntilMs: 0,
    devices: {},
    ringUntilMs,
  };
}

/** The shard in which the sweep finds a call. The last hex digits of a call id are random, so calls spread evenly. */
export const openShard = (callId: CallId): string =>
  shardName(Number.parseInt(callId.slice(-4), 16) % SWEEP_SHARDS);
export const shardName = (shard: number): string => `open#${shard}`;

/** The clients whose slots the call takes: they take part or still may, and the call is not hidden from them. */
export const holdsSlotOf = ({ silenced, status }: Leg): boolean =>
  silenced === undefined && status !== "left";

export type SlotConflict = "same_call" | "glare" | "caller_in_call";

/** What it means for a new call that a living call holds the caller's slot. */
export function callersConflict(holder: Call, callerId: string, calleeIds: readonly string[]): SlotConflict {
  if (holder.callerId === callerId && sameCallees(holder, calleeIds)) return "same_call";
  const calledBack = calleeIds.length === 1 && calleeIds[0] === holder.callerId;
  return calledBack && isHeldBy(holder, callerId) ? "glare" : "caller_in_call";
}

function sameCallees(holder: Call, calleeIds: readonly string[]): boolean {
  const called = legsOf(holder).filter(({ role }) => role === "callee");
  return called.length === calleeIds.length && called.every(({ clientId }) => calleeIds.includes(clientId));
}
