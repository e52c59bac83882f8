/** What several commands reply with, beside a call: what a client has, and the calls that it had. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { MEDIA } from "../calls/call.ts";
import type { HistoryRow } from "../calls/history.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { callViewSchema } from "./call-view.ts";
import { epochMs } from "./fields.ts";

export const joinReplySchema = z.object({
  token: z.string().check(z.describe("IVS participant token: a JWT with which the phone joins the stage")),
  ...callViewSchema.shape,
});

export const clientSettingsSchema = z.object({
  id: clientIdSchema,
  devices: z.array(z.object({ deviceId: z.string(), lastSeenAtMs: epochMs })),
  blockedIds: z.array(clientIdSchema),
  doNotDisturbUntilMs: z.optional(epochMs),
  lostDevices: z
    .optional(z.array(z.object({ deviceId: deviceIdSchema, atMs: epochMs })))
    .check(
      z.describe(
        "The last 10 devices whose push token another person has registered: they ring for that person",
      ),
    ),
  activeCallId: z
    .optional(callIdSchema)
    .check(
      z.describe(
        "The call that it is in, with whichever of its phones, or that rings for it: for a phone that starts, or that no push has reached",
      ),
    ),
});

/** A call as one of its legs remembers it. */
export const pastCallSchema = z.object({
  callId: callIdSchema,
  role: z.enum(["caller", "callee"]),
  otherClientId: clientIdSchema,
  media: z.enum(MEDIA),
  endReason: z.enum(END_REASONS).check(z.describe("How it ended for this leg")),
  createdAtMs: epochMs,
  ringingAtMs: z.optional(epochMs),
  answeredAtMs: z.optional(epochMs).check(z.describe("When this leg could speak")),
  endedAtMs: epochMs,
  durationMs: z.int().check(z.nonnegative(), z.describe("How long this leg could speak")),
  deviceId: z.optional(deviceIdSchema).check(z.describe("The device that called, answered or declined")),
});
export type PastCall = z.infer<typeof pastCallSchema>;

/** Members of the row that are the table's own stay there. */
export const pastCall = (row: HistoryRow): PastCall => pastCallSchema.parse(row);
