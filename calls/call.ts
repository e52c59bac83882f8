/** The call as it is stored: one item, which is the truth about the call. */
import * as z from "zod";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";

export const CALL_STATUSES = ["calling", "ringing", "answered", "ended"] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Why a call ended. Always computed on the server, never taken from a phone. */
export const END_REASONS = [
  "completed",
  "declined",
  "cancelled",
  "missed",
  "unreachable",
  "busy",
  "dropped",
  "expired",
  "failed",
] as const;
export type EndReason = (typeof END_REASONS)[number];

export const MEDIA = ["audio", "video"] as const;
export type Media = (typeof MEDIA)[number];

/** `invited` until a device rings; `joined` when the client takes part; `left` when its part is over. */
export const LEG_STATUSES = ["invited", "ringing", "joined", "left"] as const;
export type LegStatus = (typeof LEG_STATUSES)[number];

const epochMs = z.number().int().nonnegative();

export const legSchema = z.object({
  clientId: clientIdSchema,
  /** Cognito subject of the client's owner, copied at admission. */
  sub: z.string(),
  role: z.enum(["caller", "callee"]),
  status: z.enum(LEG_STATUSES),
  /** The device that acts for this leg, once one does. */
  deviceId: deviceIdSchema.optional(),
  /** Participant tokens issued so far: the `n` of the latest `jti`. */
  tokenCount: z.number().int().nonnegative(),
  /** Expiry of the latest token; 0 if none was issued. */
  tokensUntilMs: epochMs,
  /** A look at the stage found nobody of this leg there, who had so many tokens then: calls/presence.ts. */
  doubt: z.object({ sinceMs: epochMs, tokenCount: z.number().int().nonnegative() }).optional(),
});
export type Leg = z.infer<typeof legSchema>;

export const PUSH_OUTCOMES = ["accepted", "gone", "throttled", "failed"] as const;
export type PushOutcome = (typeof PUSH_OUTCOMES)[number];

export const deviceProgressSchema = z.object({
  /** What the push service said of the latest push of each type. */
  pushes: z.record(z.string(), z.object({ outcome: z.enum(PUSH_OUTCOMES), atMs: epochMs })),
  /** When the device itself said that it rings. */
  ringingAtMs: epochMs.optional(),
});
export type DeviceProgress = z.infer<typeof deviceProgressSchema>;

export const stageSchema = z.object({
  stageId: z.string(),
  arn: z.string(),
  endpoints: z.object({ events: z.string(), whip: z.string() }),
});
export type Stage = z.infer<typeof stageSchema>;

export const callSchema = z.object({
  callId: callIdSchema,
  status: z.enum(CALL_STATUSES),
  endReason: z.enum(END_REASONS).optional(),
  media: z.enum(MEDIA),
  callerId: clientIdSchema,
  calleeId: clientIdSchema,
  /** Leg number → leg. 1 is the caller. */
  legs: z.record(z.string(), legSchema),
  /** Absent for a call that never got as far as a stage: busy. */
  stage: stageSchema.optional(),
  /** Devices of the callee and how far each has come. */
  devices: z.record(z.string(), deviceProgressSchema),
  createdAtMs: epochMs,
  ringUntilMs: epochMs,
  answeredAtMs: epochMs.optional(),
  endedAtMs: epochMs.optional(),
  /** Past this the call is over for everybody (W8). */
  deadlineMs: epochMs,
  /** How long the call may last once answered. */
  maxCallSeconds: z.number().int().positive(),
  version: z.number().int().positive(),
  /** Id of the request or invocation that made this version. */
  causedBy: z.string().optional(),
  turn: z.number().int().nonnegative(),
  workflowVersion: z.number().int().positive(),
  /** Written by the workflow's waits. */
  waitTurn: z.number().int().nonnegative().optional(),
  taskToken: z.string().optional(),
  /** Both present until the call is cleaned up: `sweep-calls` finds the call by them. */
  openShard: z.string().optional(),
  sweepAtMs: epochMs.optional(),
  cleanedUpAtMs: epochMs.optional(),
  expiresAtSeconds: z.number().int().optional(),
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

/** The leg of a person: by client if one is named, else by owner, the callee's first. */
export function legOfPerson(call: Call, sub: string, clientId?: string): number | undefined {
  return legNumbers(call)
    .toSorted((one, other) => other - one)
    .find((number) => {
      const leg = legOf(call, number);
      return leg.sub === sub && (clientId === undefined || leg.clientId === clientId);
    });
}

export const isOver = (call: Call): boolean => call.status === "ended";

/** Living: neither ended nor past its deadline. Only a living call holds a slot. */
export const isLiving = (call: Call, nowMs: number): boolean => !isOver(call) && nowMs < call.deadlineMs;
