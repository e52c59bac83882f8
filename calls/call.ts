/** The call as stored: one item, the only source of truth about the call. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { registeredPhone, signInSchema } from "./acting-phone.ts";
import { NOTIFY_TYPES } from "./device.ts";
import { keyOfDevice } from "./device-key.ts";
import { callIdSchema, clientIdSchema, type DeviceId, deviceIdSchema } from "./ids.ts";
import { roomSchema } from "./room.ts";

export const CALL_STATUSES = ["calling", "ringing", "answered", "ended"] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Why a call is over for a device that asks. */
export const OVER_REASONS = [...END_REASONS, "answered_elsewhere"] as const;
export type OverReason = (typeof OVER_REASONS)[number];

export const MEDIA = ["audio", "video"] as const;
export type Media = (typeof MEDIA)[number];

/** `invited` until a device rings; `joined` when the client takes part; `left` when its part is over. */
export const LEG_STATUSES = ["invited", "ringing", "joined", "left"] as const;
export type LegStatus = (typeof LEG_STATUSES)[number];

/** Why a callee's phones are not told of a call. The caller must not notice, so the leg looks unreachable. */
export const SILENCES = ["blocked", "do_not_disturb"] as const;
export type Silence = (typeof SILENCES)[number];

/** The API shows some of these: api/commands.ts describes them. */
const epochMs = z.int().check(z.nonnegative(), z.meta({ format: "int64" }));

/** What a wait of the workflow expects. Any other change ends the wait with an error: calls/wake.ts. */
const AWAITED = ["answer", "end"] as const;
export type Awaited = (typeof AWAITED)[number];

/** What phones are told by push. */
export const PUSH_TYPES = [
  "incoming_call",
  "call_cancelled",
  "answered_elsewhere",
  "declined_elsewhere",
  "missed_call",
] as const;
export type PushType = (typeof PUSH_TYPES)[number];

/** `no_provider`: the stack has none for that kind of phone. */
export const PUSH_OUTCOMES = ["accepted", "gone", "throttled", "failed", "no_provider"] as const;
export type PushOutcome = (typeof PUSH_OUTCOMES)[number];

export const pushProgressSchema = z.object({
  /** The push service's outcome for the latest attempt. */
  outcome: z.enum(PUSH_OUTCOMES),
  /** The device's address that it went to: a channel, never the token. */
  channel: z.enum(NOTIFY_TYPES),
  /** Why it was not accepted, in the push service's own words. The API shows it to operators only. */
  reason: z.optional(z.string()),
  atMs: epochMs,
});
export type PushProgress = z.infer<typeof pushProgressSchema>;

export const deviceProgressSchema = z.object({
  /** Push type → its outcome. */
  pushes: z.record(z.string(), pushProgressSchema),
  /** When the device reported that it rings. */
  ringingAtMs: z.optional(epochMs),
});
export type DeviceProgress = z.infer<typeof deviceProgressSchema>;

const legSchema = z.object({
  clientId: clientIdSchema,
  /** Cognito subject of the client's owner, copied at admission. */
  sub: z.string(),
  role: z.enum(["caller", "callee"]),
  status: z.enum(LEG_STATUSES),
  /** The device that acts for this leg, once one does. */
  deviceId: z.optional(deviceIdSchema),
  /** Hash that names the sign-in with which it acts: acting-phone.ts. */
  signIn: z.optional(signInSchema),
  /** The sign-ins with which its devices were registered when they were told of the call. */
  signIns: z.optional(z.array(z.object({ deviceId: deviceIdSchema, signIn: signInSchema }))),
  /** Participant tokens issued so far: the `n` of the latest `jti`. A leg that has left is issued none. */
  tokenCount: z.int().check(z.nonnegative()),
  /** How many of those belong to a part that is over: calls/removals.ts. A later part has later numbers. */
  tokensOver: z.optional(z.int().check(z.nonnegative())),
  /** Participant ids, if the media provider chooses them: those of the present part and of earlier parts. */
  participants: z.optional(z.array(z.string())),
  participantsOver: z.optional(z.array(z.string())),
  /** Until then one of its tokens may open the stage. 0 until one is given out: the answer's write sets it. */
  tokensUntilMs: epochMs,
  /** Devices that were told of the call or report that they ring, by device-key.ts, and the progress of each. */
  devices: z.record(z.string(), deviceProgressSchema),
  /** Until then phones ring for a leg that is invited or ringing. */
  ringUntilMs: epochMs,
  /** The last thing its phones were told. */
  told: z.optional(z.enum(PUSH_TYPES)),
  ringingAtMs: z.optional(epochMs),
  joinedAtMs: z.optional(epochMs),
  leftAtMs: z.optional(epochMs),
  /** Why this part is over, in a call that goes on or went on without it. */
  leftReason: z.optional(z.enum(END_REASONS)),
  silenced: z.optional(z.enum(SILENCES)),
  /** A check did not find this leg, which had this many tokens then: calls/presence.ts. */
  doubt: z.optional(z.object({ sinceMs: epochMs, tokenCount: z.int().check(z.nonnegative()) })),
});
export type Leg = z.infer<typeof legSchema>;

const OPERATOR_ACTS = ["ended", "removed", "added"] as const;

/** What an operator did to a call, and the operator's name in the access token. Phones never see these names. */
const operatorActSchema = z.object({
  act: z.enum(OPERATOR_ACTS),
  /** The person it was done to; absent for an act on the whole call. */
  clientId: z.optional(clientIdSchema),
  sub: z.string(),
  username: z.string(),
  atMs: epochMs,
});
export type OperatorAct = z.infer<typeof operatorActSchema>;

export const callSchema = z.object({
  callId: callIdSchema,
  status: z.enum(CALL_STATUSES),
  endReason: z.optional(z.enum(END_REASONS)),
  media: z.enum(MEDIA),
  callerId: clientIdSchema,
  /** The caller's name in pushes, from the directory at admission. Removed once the call has ended and its phones know. */
  callerName: z.optional(z.string()),
  /** The callee that the caller named first; the others of a group have legs as well. */
  calleeId: clientIdSchema,
  /** Leg number → leg. 1 is the caller. */
  legs: z.record(z.string(), legSchema),
  /** The `sub` of each person that an operator has removed and not added again. They get no participant token of this call. */
  removedSubs: z.optional(z.array(z.string())),
  /** The latest MAX_OPERATOR_ACTS. */
  operatorActs: z.optional(z.array(operatorActSchema)),
  /** The room. Absent for a call that found its callees busy. */
  stage: z.optional(roomSchema),
  createdAtMs: epochMs,
  /** How long the phones of the first callees ring. */
  ringUntilMs: epochMs,
  answeredAtMs: z.optional(epochMs),
  endedAtMs: z.optional(epochMs),
  /** After this the call is over for every leg (W8). */
  deadlineMs: epochMs,
  /** How long the call may last once answered. */
  maxCallSeconds: z.int().check(z.positive()),
  /** How long a participant token is good for joining. Absent in calls of the previous release. */
  tokenSeconds: z.optional(z.int().check(z.positive())),
  version: z.int().check(z.positive()),
  /** Id of the request or invocation that made this version. */
  causedBy: z.optional(z.string()),
  turn: z.int().check(z.nonnegative()),
  workflowVersion: z.int().check(z.positive()),
  /** Written by the workflow's waits. */
  waitTurn: z.optional(z.int().check(z.nonnegative())),
  /** Absent in waits of the previous release, which end with success only. */
  waitsFor: z.optional(z.enum(AWAITED)),
  taskToken: z.optional(z.string()),
  /** Both present until the call is cleaned up: `sweep-calls` finds the call by them. */
  openShard: z.optional(z.string()),
  sweepAtMs: z.optional(epochMs),
  cleanedUpAtMs: z.optional(epochMs),
  expiresAtSeconds: z.optional(z.int()),
});
export type Call = z.infer<typeof callSchema>;

export function legOf(call: Call, leg: number): Leg {
  const found = call.legs[leg];
  if (!found) throw new Error(`call ${call.callId} has no leg ${leg}`);
  return found;
}

export function legNumbers(call: Call): number[] {
  return Object.keys(call.legs).map(Number);
}

export const legsOf = (call: Call): Leg[] => Object.values(call.legs);

/**
 * The leg of a person: by client if one is named, else by owner. A person has two if the call names two of their clients: then
 * it is the one that the phone acts for, else one that rings it, else a callee's. A person who blocks the caller has none.
 */
export function legOfPerson(
  call: Call,
  sub: string,
  clientId?: string,
  deviceId?: string,
): number | undefined {
  const own = legNumbers(call)
    .toSorted((one, other) => other - one)
    .filter((number) => {
      const leg = legOf(call, number);
      if (leg.silenced === "blocked") return false;
      return leg.sub === sub && (clientId === undefined || leg.clientId === clientId);
    });
  const find = (fits: (leg: Leg) => boolean) => own.find((number) => fits(legOf(call, number)));
  if (deviceId === undefined) return own[0];
  return (
    find((leg) => leg.deviceId === deviceId) ??
    find(({ devices }) => Object.hasOwn(devices, keyOfDevice(deviceId))) ??
    own[0]
  );
}

/** The device that acts for a leg. Without a name, it is the registered device with its sign-in. */
export const actingDevice = ({ deviceId, signIn, signIns = [] }: Leg): DeviceId | undefined =>
  deviceId ?? (signIn && registeredPhone(signIns, signIn));

export const legOfClient = (call: Call, clientId: string): number | undefined =>
  legNumbers(call).find((leg) => legOf(call, leg).clientId === clientId);

/** An operator has removed this person, with all their clients. */
export const isRemoved = (call: Call, sub: string): boolean => call.removedSubs?.includes(sub) ?? false;

/** The phones of this leg may ring. */
export const isRung = ({ status }: Leg): boolean => status === "invited" || status === "ringing";

/** The client takes part or still may: its slot counts. */
export const isHeldBy = (call: Call, clientId: string): boolean =>
  legsOf(call).some((leg) => leg.clientId === clientId && leg.status !== "left");

export const isOver = (call: Call): boolean => call.status === "ended";

/** Living: neither ended nor past its deadline. Only a living call holds a slot. */
export const isLiving = (call: Call, nowMs: number): boolean => !isOver(call) && nowMs < call.deadlineMs;
