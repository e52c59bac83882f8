/** What became of the pushes of one type, by outcome. */
import * as z from "zod/mini";
import { callSnapshotSchema } from "./call-snapshot.ts";
import { defineEvent } from "./event.ts";

const failureSchema = z.object({
  channel: z.string(),
  outcome: z.string(),
  /** In the push service's own words. */
  reason: z.optional(z.string()),
  devices: z.int().check(z.positive()),
});
export type PushFailure = z.infer<typeof failureSchema>;

export const PushSent = defineEvent(
  "PushSent",
  1,
  z.object({
    ...callSnapshotSchema.shape,
    type: z.enum([
      "incoming_call",
      "call_cancelled",
      "answered_elsewhere",
      "declined_elsewhere",
      "missed_call",
    ]),
    /** Devices per outcome. */
    outcomes: z.record(z.string(), z.int().check(z.nonnegative())),
    /** Pushes that were not accepted. Absent if all were. */
    failures: z.optional(z.array(failureSchema)),
  }),
);
