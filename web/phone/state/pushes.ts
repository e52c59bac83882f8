/** A push as docs/push.md describes it: one flat map of strings. */
import * as z from "zod/mini";
import { type Ending, endReasonRead } from "./endings.ts";

const epochMs = z.pipe(z.string().check(z.regex(/^\d{1,16}$/)), z.transform(Number));

const seconds = z.pipe(z.string().check(z.regex(/^\d{1,6}$/)), z.transform(Number));

const pushSchema = z.object({
  v: z.literal("1"),
  type: z.enum([
    "incoming_call",
    "call_cancelled",
    "answered_elsewhere",
    "declined_elsewhere",
    "missed_call",
  ]),
  call_id: z.string(),
  caller_id: z.string(),
  caller_name: z.string(),
  receiver_id: z.string(),
  media: z.enum(["audio", "video"]),
  ring_expires_at_ms: epochMs,
  ring_seconds_left: z.optional(seconds),
  reason: endReasonRead,
});
export type Push = Readonly<z.infer<typeof pushSchema>>;

/** Undefined for what is no push of ours, or one of a version that this page does not know. */
export function parsePush(data: unknown): Push | undefined {
  const parsed = pushSchema.safeParse(data);
  return parsed.success ? parsed.data : undefined;
}

/** What a push that stops the ringing says about the end. */
export function endingOf({ type, reason }: Push): Ending {
  if (type === "answered_elsewhere") return "answered_elsewhere";
  if (type === "declined_elsewhere") return "declined";
  return reason ?? (type === "call_cancelled" ? "cancelled" : "missed");
}
