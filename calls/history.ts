/** What each leg remembers of a call: a row of its own, written when the call is cleaned up and kept for 90 days. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { actingDevice, type Call, type Leg, legNumbers, legOf, MEDIA } from "./call.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";
import { CALL_RETENTION_DAYS } from "./limits.ts";
import { otherClientId } from "./snapshot.ts";

export const historyRowSchema = z.object({
  callId: callIdSchema,
  clientId: clientIdSchema,
  /** Cognito subject of the client's owner. */
  sub: z.string(),
  leg: z.int().check(z.positive()),
  role: z.enum(["caller", "callee"]),
  otherClientId: clientIdSchema,
  status: z.literal("ended"),
  media: z.enum(MEDIA),
  /** How it ended for this leg. */
  endReason: z.enum(END_REASONS),
  createdAtMs: z.int(),
  ringUntilMs: z.int(),
  ringingAtMs: z.optional(z.int()),
  /** When this leg began to talk, and for how long. */
  answeredAtMs: z.optional(z.int()),
  endedAtMs: z.int(),
  durationMs: z.int().check(z.nonnegative()),
  /** The device that called, answered or declined. */
  deviceId: z.optional(deviceIdSchema),
  version: z.int(),
  expiresAtSeconds: z.int(),
});
export type HistoryRow = z.infer<typeof historyRowSchema>;

/** A client that blocks the caller never learns of the call. */
export function historyRows(call: Call, nowMs: number): HistoryRow[] {
  return legNumbers(call)
    .filter((leg) => legOf(call, leg).silenced !== "blocked")
    .map((leg) => historyRow(call, leg, nowMs));
}

function historyRow(call: Call, number: number, nowMs: number): HistoryRow {
  const { callId, media, createdAtMs, version } = call;
  const leg = legOf(call, number);
  const { clientId, sub, role, ringingAtMs, ringUntilMs } = leg;
  const deviceId = actingDevice(leg);
  const spoke = timesOf(call, leg, nowMs);
  return {
    callId,
    clientId,
    sub,
    leg: number,
    role,
    otherClientId: otherClientId(call, clientId),
    status: "ended",
    media,
    endReason: leg.leftReason ?? call.endReason ?? "failed",
    createdAtMs,
    ringUntilMs,
    ...(ringingAtMs !== undefined && { ringingAtMs }),
    ...spoke,
    ...(deviceId && { deviceId }),
    version,
    expiresAtSeconds: Math.ceil(nowMs / 1000) + CALL_RETENTION_DAYS * 86_400,
  };
}

/** The caller joins at once but talks only from the first answer on. */
function timesOf(call: Call, { joinedAtMs, leftAtMs }: Leg, nowMs: number) {
  const endedAtMs = leftAtMs ?? call.endedAtMs ?? nowMs;
  if (joinedAtMs === undefined || call.answeredAtMs === undefined) return { endedAtMs, durationMs: 0 };
  const answeredAtMs = Math.max(joinedAtMs, call.answeredAtMs);
  return { answeredAtMs, endedAtMs, durationMs: Math.max(0, endedAtMs - answeredAtMs) };
}
