/** A push as docs/push.md describes it: one flat map of strings. */
import { END_REASONS, type Ending, MEDIA_KINDS, PUSH_TYPES } from "./contract.ts";
import { digits, ifKnown, maybe, object, oneOf, text, tryRead, uuid } from "./read.ts";

const push = object({
  v: oneOf(["1"]),
  type: oneOf(PUSH_TYPES),
  call_id: uuid,
  caller_id: text,
  caller_name: text,
  receiver_id: text,
  media: oneOf(MEDIA_KINDS),
  ring_expires_at_ms: digits,
  ring_seconds_left: maybe(digits),
  reason: ifKnown(END_REASONS),
});
export type Push = ReturnType<typeof push>;

/** Undefined for what is no push of ours, or one of a version that this package does not know. CallKit gives ids in upper case. */
export function parsePush(data: unknown): Push | undefined {
  const read = tryRead(push, data);
  return (
    read && {
      ...read,
      call_id: read.call_id.toLowerCase(),
      caller_id: read.caller_id.toLowerCase(),
      receiver_id: read.receiver_id.toLowerCase(),
    }
  );
}

/** What a push that stops the ringing says about the end. */
export function endingOf({ type, reason }: Push): Ending {
  if (type === "answered_elsewhere") return "answered_elsewhere";
  if (type === "declined_elsewhere") return "declined";
  return reason ?? (type === "call_cancelled" ? "cancelled" : "missed");
}
