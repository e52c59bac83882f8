/** A call as an app shows it, worked out of what the phone knows. */
import type { Cause, Ended, Screen, Talk } from "./engine/screen.ts";
import { type MediaState, NO_MEDIA } from "./media.ts";
import type { Ending, MediaKind } from "./wire/contract.ts";
import type { Problem } from "./wire/problem.ts";
import type { Push } from "./wire/pushes.ts";

/**
 * Of an incoming call: `incoming` (a push says so: tell the system, such as CallKit) → `ringing` (ring aloud) → …
 * Of an outgoing one: `calling` → `ringing` (a phone of the other side rings) → …
 * Then `connecting` → `connected`, `reconnecting` → `connected` as often as the network wants, and `ended`, for a reason.
 */
export type CallState =
  | "incoming"
  | "calling"
  | "ringing"
  | "connecting"
  | "connected"
  | "reconnecting"
  | "ended";

/**
 * Why a call is over for this phone. The server's word where it has given it: it may come a moment after the end, and replaces what
 * this phone knew by itself:
 * `hung_up`: this phone left. `unconfirmed`: it rang by its push, and no server confirmed it in time. `lost`: the media did not come
 * back. `moved`: another phone of the same person has taken the call over. `problem`: the request came to nothing, see `problem`.
 * `closed`: it rang here when the app closed the phone or signed out, and may ring on elsewhere.
 */
export type EndedReason = Ending | "hung_up" | "unconfirmed" | "lost" | "moved" | "problem" | "closed";

export interface CallSnapshot extends MediaState {
  readonly state: CallState;
  /** As soon as the server has named it. */
  readonly callId?: string | undefined;
  readonly direction: "incoming" | "outgoing";
  /** Who is on the other side; of a group, the one that this phone called or was called by. */
  readonly other: { readonly clientId: string; readonly name?: string | undefined };
  readonly media: MediaKind;
  /** By the server's clock, as `phone.now()` is. */
  readonly ringUntilMs?: number | undefined;
  readonly answeredAtMs?: number | undefined;
  readonly endedAtMs?: number | undefined;
  readonly reason?: EndedReason | undefined;
  /** What refused it, or got no reply. */
  readonly problem?: Problem | undefined;
}

const STATES = {
  incoming: "incoming",
  dialling: "calling",
  ringing: "ringing",
  connecting: "connecting",
  "in-call": "connected",
  reconnecting: "reconnecting",
} as const;

export function snapshotOf(screen: Exclude<Screen, { kind: "idle" }>, media: MediaState): CallSnapshot {
  switch (screen.kind) {
    case "dialling": {
      const { other, media: kind } = screen;
      return { ...media, state: "calling", direction: "outgoing", other, media: kind };
    }
    case "ended":
      return endedSnapshot(screen);
    case "calling":
      return ofTalk(screen.talk, screen.talk.heard ? "ringing" : "calling", media);
    case "incoming":
    case "ringing":
    case "connecting":
    case "in-call":
    case "reconnecting":
      return ofTalk(screen.talk, STATES[screen.kind], media);
  }
}

function ofTalk(talk: Talk, state: CallState, media: MediaState): CallSnapshot {
  const { callId, outgoing, other, media: kind, ringUntilMs, answeredAtMs } = talk;
  const direction = outgoing ? "outgoing" : "incoming";
  return { ...media, state, callId, direction, other, media: kind, ringUntilMs, answeredAtMs };
}

/** A second call, known by its push. */
export function waitingSnapshot({
  call_id,
  caller_id,
  caller_name,
  media,
  ring_expires_at_ms,
}: Push): CallSnapshot {
  const other = { clientId: caller_id, name: caller_name };
  const ring = { callId: call_id, ringUntilMs: ring_expires_at_ms };
  return { ...NO_MEDIA, ...ring, state: "incoming", direction: "incoming", other, media };
}

function endedSnapshot(ended: Ended): CallSnapshot {
  const { callId, outgoing, other, media, answeredAtMs, endedAtMs, ending, cause, rangOut } = ended;
  const problem = typeof cause === "object" ? cause : undefined;
  return {
    ...NO_MEDIA,
    state: "ended",
    callId,
    direction: outgoing ? "outgoing" : "incoming",
    other,
    media,
    answeredAtMs,
    endedAtMs,
    reason: ending ?? (rangOut ? "missed" : reasonOf(cause)),
    ...(problem && { problem }),
  };
}

/** A reason of the server's that is newer than this package leaves none: the call is over. */
function reasonOf(cause: Cause | undefined): EndedReason | undefined {
  if (typeof cause === "object") return cause.code === "on_another_device" ? "moved" : "problem";
  switch (cause) {
    case "hung-up":
      return "hung_up";
    case "ring-over":
      return "unconfirmed";
    case "declined":
    case "lost":
    case "moved":
      return cause;
    case undefined:
      return undefined;
  }
}

/** It made way for another call before the server had a word to say. */
export const leftSnapshot = (before: CallSnapshot, endedAtMs: number, reason: EndedReason): CallSnapshot => ({
  ...before,
  ...NO_MEDIA,
  state: "ended",
  endedAtMs,
  reason,
});
