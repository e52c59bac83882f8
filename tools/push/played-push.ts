/** One push as `send-push` would have made it, of a call that never was. */
import { newCall } from "../../calls/admission.ts";
import { type Call, type Media, type PushType } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { type CallId, type ClientId, newCallId, newClientId } from "../../calls/ids.ts";
import { MAX_CALL_SECONDS, RING_SECONDS } from "../../calls/limits.ts";
import { type Push, pushFor } from "../../calls/pushes.ts";
import type { EndReason } from "../../events/end-reason.ts";

export interface PlayedPush {
  readonly type: PushType;
  readonly callId?: CallId | undefined;
  readonly callerId?: ClientId | undefined;
  readonly receiverId?: ClientId | undefined;
  readonly callerName: string;
  readonly media: Media;
  /** Why the call is over; else the usual reason of the type. */
  readonly reason?: EndReason | undefined;
  readonly ringSeconds: number;
  /** The push was made so long before it is sent: what a phone gets that was without a network. */
  readonly lateSeconds: number;
}

/** A push that is so late arrives when its ring is over. */
export const expired = (ringSeconds: number): number => ringSeconds + 5;

export const DEFAULT_RING_SECONDS = RING_SECONDS.default;

const REASONS: { readonly [Type in PushType]: EndReason | undefined } = {
  incoming_call: undefined,
  call_cancelled: "cancelled",
  answered_elsewhere: undefined,
  declined_elsewhere: "declined",
  missed_call: "missed",
};

const CALLEE_LEG = 2;

export function playedPush(
  played: PlayedPush,
  { nowMs, random }: { readonly nowMs: number; readonly random: (bytes: number) => Uint8Array },
): Push {
  const madeAtMs = nowMs - played.lateSeconds * 1_000;
  const call = callOf(played, madeAtMs, random);
  const endReason = played.reason ?? REASONS[played.type];
  const told: Call = { ...call, ...(endReason && { endReason }) };
  return pushFor(played.type, told, CALLEE_LEG, { callerName: played.callerName, nowMs: madeAtMs });
}

function callOf(
  { callId, callerId, receiverId, media, ringSeconds }: PlayedPush,
  nowMs: number,
  random: (bytes: number) => Uint8Array,
): Call {
  const client = (clientId = newClientId(random(16))): Client => ({
    clientId,
    sub: "nobody",
    username: "nobody",
    devices: {},
    revision: 1,
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
  });
  return newCall({
    callId: callId ?? newCallId(nowMs, random(16)),
    caller: client(callerId),
    callees: [client(receiverId)],
    media,
    stage: { stageId: "none", arn: "none", endpoints: { events: "none", whip: "none" } },
    ringSeconds,
    maxCallSeconds: MAX_CALL_SECONDS.default,
    nowMs,
  });
}
