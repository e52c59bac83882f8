/** What several commands reply with, beside a call: what a client has, and the calls that it had. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { MEDIA } from "../calls/call.ts";
import type { HistoryRow } from "../calls/history.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { callViewSchema } from "./call-view.ts";
import { epochMs } from "./fields.ts";

export const joinReplySchema = z.object({
  token: z.string().check(z.describe("IVS participant token (JWT). The phone joins the stage with it")),
  ...callViewSchema.shape,
});

/** A phone of a client. */
export const deviceViewSchema = z.object({ deviceId: z.string(), lastSeenAtMs: epochMs });
export const lostDeviceSchema = z.object({ deviceId: deviceIdSchema, atMs: epochMs });

export const clientSettingsSchema = z.object({
  id: clientIdSchema,
  devices: z.array(deviceViewSchema),
  blockedIds: z.array(clientIdSchema),
  doNotDisturbUntilMs: z.optional(epochMs),
  lostDevices: z
    .optional(z.array(lostDeviceSchema))
    .check(
      z.describe(
        "The last 10 devices whose push token another person has registered. They ring for that person now",
      ),
    ),
  activeCallId: z
    .optional(callIdSchema)
    .check(
      z.describe(
        "The call that rings for this client or that one of its phones is in. Read it when the app starts: the push may not have arrived",
      ),
    ),
});

/** A call as one of its legs remembers it. */
export const pastCallSchema = z.object({
  callId: callIdSchema,
  role: z.enum(["caller", "callee"]),
  otherClientId: clientIdSchema,
  media: z.enum(MEDIA),
  endReason: z.enum(END_REASONS).check(z.describe("How the call ended for this leg")),
  createdAtMs: epochMs,
  ringingAtMs: z.optional(epochMs),
  answeredAtMs: z.optional(epochMs).check(z.describe("When this leg joined the conversation")),
  endedAtMs: epochMs,
  durationMs: z
    .int()
    .check(
      z.nonnegative(),
      z.meta({ format: "int64", description: "How long this leg was in the conversation" }),
    ),
  deviceId: z.optional(deviceIdSchema).check(z.describe("The device that called, answered or declined")),
});
export type PastCall = z.infer<typeof pastCallSchema>;

/** Members of the row that are the table's own stay there. */
export const pastCall = (row: HistoryRow): PastCall => pastCallSchema.parse(row);
