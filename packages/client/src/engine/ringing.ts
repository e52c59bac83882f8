/** A call that comes in, from its push to the end of its ring. */
import { endingOf, type Push } from "../wire/pushes.ts";
import type { Me } from "./call-facts.ts";
import type { Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import { ended, over, remember, show, still, unheard } from "./line.ts";
import {
  endedOf,
  isFree,
  isOver,
  mayRing,
  type PhoneState,
  type Talk,
  talkOf,
  talkOfPush,
} from "./screen.ts";

/** A ring that neither a reply nor an update has confirmed ends then. */
const UNCONFIRMED_RING_MS = 10_000;
/** After the ring's end the server has this long to say so, before it is asked, and asked again. */
const RING_END_GRACE_MS = 3_000;
const ASK_AGAIN_MS = 10_000;
/** No ring is unfinished for longer than that. */
const RING_END_MAX_MS = 90_000;

/** What becomes of a push. */
export type PushFate = "rings" | "stops" | "for-another-client" | "expired" | "known";

type Pushed = Extract<PhoneEvent, { is: "pushed" }>;

export function fateOf(state: PhoneState, { push, timeKnown }: Pushed, nowMs: number, me: Me): PushFate {
  const { call_id: callId, type } = push;
  if (push.receiver_id !== me.clientId) return "for-another-client";
  if (type !== "incoming_call") return "stops";
  if (isOver(state, callId) || state.waiting?.call_id === callId) return "known";
  return timeKnown && nowMs >= push.ring_expires_at_ms ? "expired" : "rings";
}

export function pushed(state: PhoneState, event: Pushed, nowMs: number, me: Me): Step {
  const { push } = event;
  const { call_id: callId } = push;
  const fate = fateOf(state, event, nowMs, me);
  if (fate === "stops") return ended(state, callId, endingOf(push), nowMs);
  if (fate !== "rings") return still(state);
  const talk = talkOfPush(push, unconfirmedUntil(push, nowMs));
  const look: Deed = { do: "look", callId, push, resume: false };
  if (isFree(state)) return show(state, { kind: "incoming", talk, push }, look, watch(talk));
  const first = talkOf(state.screen);
  const lookAtFirst: Deed[] = first ? [{ do: "look", callId: first.callId, resume: false }] : [];
  const untilMs = nowMs + (push.ring_seconds_left ?? UNCONFIRMED_RING_MS / 1_000) * 1_000;
  const deeds: Deed[] = [...lookAtFirst, look, { do: "watch-ring", callId, atMs: untilMs }];
  return { state: { ...state, waiting: push }, deeds };
}

/** The server will not say a word about that call to this phone. */
export function refusedPush(
  state: PhoneState,
  { callId, problem }: Extract<PhoneEvent, { is: "refused-push" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  if (screen.kind !== "incoming" || screen.talk.callId !== callId) return still(remember(state, callId));
  return over(state, { ...endedOf(screen.talk, nowMs, { cause: problem }), unheard: true });
}

function unconfirmedUntil({ ring_seconds_left: left = Infinity }: Push, sinceMs: number): number {
  return sinceMs + Math.min(left * 1_000, UNCONFIRMED_RING_MS);
}

/** A ring that is known by its push alone: the push may be old, or the network gone. */
export function unread(
  state: PhoneState,
  { push, sinceMs }: Extract<PhoneEvent, { is: "unread" }>,
  nowMs: number,
): Step {
  if (!mayRing(state, push.call_id)) return still(state);
  const { screen } = state;
  const untilMs = screen.kind === "incoming" ? screen.talk.ringUntilMs : unconfirmedUntil(push, sinceMs);
  return ring(state, talkOfPush(push, untilMs), nowMs);
}

export function ring(state: PhoneState, talk: Talk, nowMs: number): Step {
  const { callId } = talk;
  if (state.over.includes(callId)) return still(state);
  if (nowMs >= talk.ringUntilMs)
    return state.screen.kind === "incoming" ? ringOver(state, callId, nowMs) : still(state);
  const waiting = state.waiting?.call_id === callId ? undefined : state.waiting;
  return show({ ...state, waiting }, { kind: "ringing", talk }, { do: "acknowledge", callId }, watch(talk));
}

export function ringOver(state: PhoneState, callId: string, nowMs: number): Step {
  const talk = talkOf(state.screen);
  if (state.waiting?.call_id === callId) return ended(state, callId, "missed", nowMs);
  if (talk?.callId !== callId || talk.answeredAtMs !== undefined) return still(state);
  const rings = state.screen.kind === "ringing" || state.screen.kind === "incoming";
  // Meanwhile the server has said that it rings for longer.
  if (rings && nowMs < talk.ringUntilMs) return { state, deeds: [watch(talk)] };
  const hopeless = nowMs >= talk.ringUntilMs + RING_END_MAX_MS;
  if (rings || hopeless) {
    const shown = endedOf(talk, nowMs, { cause: "ring-over" });
    return over(state, { ...shown, ...unheard(state.screen), ...(talk.version > 0 && { rangOut: true }) });
  }
  const again: Deed = { do: "watch-ring", callId, atMs: nowMs + ASK_AGAIN_MS };
  return { state, deeds: [{ do: "look", callId, resume: false }, again] };
}

/** Nothing but a ring that no reply has confirmed is reckoned by the device's clock. */
export function clockSet(state: PhoneState, byMs: number): Step {
  const { screen } = state;
  if ((screen.kind !== "incoming" && screen.kind !== "ringing") || screen.talk.version > 0)
    return still(state);
  const talk = { ...screen.talk, ringUntilMs: screen.talk.ringUntilMs + byMs };
  return show(state, { ...screen, talk });
}

export const watch = ({ callId, ringUntilMs, outgoing }: Talk): Deed => ({
  do: "watch-ring",
  callId,
  atMs: ringUntilMs + (outgoing ? RING_END_GRACE_MS : 0),
});
