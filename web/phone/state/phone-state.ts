/**
 * What the phone shows of a call, and what it does next: pure.
 *
 * 1. A phone is in one call at a time. What concerns another call changes nothing on the screen.
 * 2. The first ending wins. A call that is over for this phone never rings or comes back, whatever arrives later.
 * 3. An update of a version that was seen, or an older one, does nothing.
 * 4. Why a call ended is the server's word. Until it is known, the screen says only what this phone did.
 * 5. A call that is answered is left only by its end, by hanging up, or when REJOIN_DELAYS_MS has run out.
 */
import type { Media } from "../../../calls/call.ts";
import { type CallFacts, isLive, isRinging, type Me } from "./call-facts.ts";
import type { Button, Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import { ended, joined, NO_LINE, notJoined, onLine, over, settle, show, still } from "./line.ts";
import { endingOf, type Push } from "./pushes.ts";
import {
  type Ended,
  endedOf,
  type Line,
  type Other,
  type PhoneState,
  type Screen,
  type Talk,
  talkOf,
  talkOfFacts,
  talkOfPush,
} from "./screen.ts";

/** A ring that neither a reply nor an update has confirmed ends then. */
export const UNCONFIRMED_RING_MS = 10_000;
/** After the ring's end the server has this long to say so, before it is asked, and asked again. */
export const RING_END_GRACE_MS = 3_000;
const ASK_AGAIN_MS = 10_000;
/** No ring is unfinished for longer than that. */
const RING_END_MAX_MS = 90_000;

export function step(state: PhoneState, event: PhoneEvent, nowMs: number, me: Me): Step {
  switch (event.is) {
    case "dialled":
      return dialled(state, event.other, event.media);
    case "admitted":
      return admitted(state, event, nowMs);
    case "refused":
      return refused(state, event, nowMs);
    case "pushed":
      return pushed(state, event.push, nowMs, me);
    case "unread":
      return isFree(state) ? ringUnread(state, event, nowMs) : still(state);
    case "updated":
      return updated(state, event.facts, nowMs);
    case "found":
      return found(state, event, nowMs);
    case "joined":
      return joined(state, event, nowMs);
    case "not-joined":
      return notJoined(state, event, nowMs);
    case "stage-connected":
    case "stage-lost":
      return onLine(state, event, nowMs);
    case "alone":
      return alone(state, event.callId);
    case "ring-over":
      return ringOver(state, event.callId, nowMs);
    case "told-ending":
      return ended(state, event.callId, event.ending, nowMs);
    case "answer":
    case "decline":
    case "hang-up":
    case "dismiss":
    case "go-back":
      return pressed(state, event.is, nowMs);
  }
}

/** Nothing is on the screen that a new call would interrupt. */
const isFree = ({ screen: { kind } }: PhoneState): boolean => kind === "idle" || kind === "ended";

function dialled(state: PhoneState, other: Other, media: Media): Step {
  if (!isFree(state)) return still(state);
  const dial = state.dials + 1;
  const screen: Screen = { kind: "dialling", dial, other, media };
  return show(
    { ...state, dials: dial },
    screen,
    { do: "prepare", media },
    { do: "initiate", dial, other, media },
  );
}

type Admitted = Extract<PhoneEvent, { is: "admitted" }>;

/** Also the answer to a call that the other side had begun (glare), or the call that this client had begun before. */
function admitted(state: PhoneState, { dial, facts, token }: Admitted, nowMs: number): Step {
  const { screen } = state;
  const { callId } = facts;
  if (screen.kind !== "dialling" || screen.dial !== dial) {
    // Given up before the reply: the callee's phones must stop ringing, unless the screen is already in that call.
    return talkOf(screen)?.callId === callId ? still(state) : { state, deeds: [{ do: "end", callId }] };
  }
  if (!isLive(facts))
    return over(state, endedOf(talkOfFacts(facts, screen.other.name), nowMs, { ending: facts.ending }));
  const talk = talkOfFacts(facts, screen.other.name);
  return settle(state, { talk, line: NO_LINE }, { do: "join", callId, token }, watch(talk));
}

function refused(
  state: PhoneState,
  { dial, problem }: Extract<PhoneEvent, { is: "refused" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  if (screen.kind !== "dialling" || screen.dial !== dial) return still(state);
  const { other, media } = screen;
  const { callId } = problem;
  const ending = problem.code === "callee_busy" ? "busy" : undefined;
  const shown: Ended = {
    kind: "ended",
    other,
    media,
    outgoing: true,
    callId,
    ending,
    cause: problem,
    endedAtMs: nowMs,
  };
  // The call that holds this client may be ringing here.
  const look: Deed[] =
    problem.code === "caller_in_call" && callId ? [{ do: "look", callId, resume: false }] : [];
  return show(state, shown, { do: "leave" }, ...look);
}

function pushed(state: PhoneState, push: Push, nowMs: number, { clientId }: Me): Step {
  const { call_id: callId, type } = push;
  if (push.receiver_id !== clientId) return still(state);
  if (type !== "incoming_call") return ended(state, callId, endingOf(push), nowMs);
  const known = state.over.includes(callId) || talkOf(state.screen)?.callId === callId;
  if (known || nowMs >= push.ring_expires_at_ms) return still(state);
  return { state, deeds: [{ do: "look", callId, push, resume: false }] };
}

/** A ring that is known by its push alone: the push may be old, or the network gone. */
function ringUnread(
  state: PhoneState,
  { push, sinceMs }: Extract<PhoneEvent, { is: "unread" }>,
  nowMs: number,
): Step {
  const { ring_seconds_left: left = Infinity, ring_expires_at_ms: untilMs } = push;
  const ringUntilMs = Math.min(untilMs, sinceMs + left * 1_000, sinceMs + UNCONFIRMED_RING_MS);
  return ring(state, talkOfPush(push, ringUntilMs), nowMs);
}

function updated(state: PhoneState, facts: CallFacts, nowMs: number): Step {
  if (talkOf(state.screen)?.callId === facts.callId || !isLive(facts)) return follow(state, facts, nowMs);
  const mayRing = isRinging(facts) && isFree(state) && !state.over.includes(facts.callId);
  return mayRing ? { state, deeds: [{ do: "look", callId: facts.callId, resume: false }] } : still(state);
}

function found(
  state: PhoneState,
  { facts, name, resume }: Extract<PhoneEvent, { is: "found" }>,
  nowMs: number,
): Step {
  if (talkOf(state.screen)?.callId === facts.callId || !isLive(facts)) return follow(state, facts, nowMs);
  if (!isFree(state)) return still(state);
  const talk = talkOfFacts(facts, name);
  if (isRinging(facts)) return ring(state, talk, nowMs);
  if (!resume || facts.myStatus !== "joined") return still(state);
  if (facts.elsewhere) return over(state, endedOf(talk, nowMs, { ending: "answered_elsewhere" }));
  const { callId, media } = talk;
  const line: Line = { wasConnected: true, attempts: 1 };
  const back: Deed[] = [
    { do: "prepare", media },
    { do: "rejoin", callId, afterMs: 0 },
  ];
  return settle(state, { talk, line }, ...back, watch(talk));
}

/** The call on the screen has gone on, or a call is over. */
function follow(state: PhoneState, facts: CallFacts, nowMs: number): Step {
  const { callId, ending } = facts;
  if (!isLive(facts)) return ended(state, callId, ending, nowMs);
  const { screen } = state;
  const talk = talkOf(screen);
  if (talk?.callId !== callId || facts.version <= talk.version) return still(state);
  const next: Talk = {
    ...talk,
    version: facts.version,
    ringUntilMs: facts.ringUntilMs,
    heard: talk.heard || facts.status === "ringing",
    answeredAtMs: facts.answeredAtMs ?? talk.answeredAtMs,
  };
  if (screen.kind === "ringing") {
    const taken = facts.myStatus === "joined";
    if (taken) return ended(state, callId, "answered_elsewhere", nowMs);
    // The server's word on how long it rings: longer than a push alone may make it.
    const deeds = next.ringUntilMs === talk.ringUntilMs ? [] : [watch(next)];
    return show(state, { ...screen, talk: next }, ...deeds);
  }
  return "line" in screen ? settle(state, { talk: next, line: screen.line }) : still(state);
}

function ring(state: PhoneState, talk: Talk, nowMs: number): Step {
  const { callId } = talk;
  if (state.over.includes(callId) || nowMs >= talk.ringUntilMs) return still(state);
  return show(state, { kind: "ringing", talk }, { do: "acknowledge", callId }, watch(talk));
}

function ringOver(state: PhoneState, callId: string, nowMs: number): Step {
  const talk = talkOf(state.screen);
  if (talk?.callId !== callId || talk.answeredAtMs !== undefined) return still(state);
  // Meanwhile the server has said that it rings for longer.
  if (state.screen.kind === "ringing" && nowMs < talk.ringUntilMs) return { state, deeds: [watch(talk)] };
  const hopeless = nowMs >= talk.ringUntilMs + RING_END_MAX_MS;
  if (state.screen.kind === "ringing" || hopeless)
    return over(state, endedOf(talk, nowMs, { cause: "ring-over" }));
  const again: Deed = { do: "watch-ring", callId, atMs: nowMs + ASK_AGAIN_MS };
  return { state, deeds: [{ do: "look", callId, resume: false }, again] };
}

/** The other side may have hung up, or be on its way back. */
function alone(state: PhoneState, callId: string): Step {
  if (talkOf(state.screen)?.callId !== callId) return still(state);
  return { state, deeds: [{ do: "look", callId, resume: false }] };
}

function pressed(state: PhoneState, button: Button, nowMs: number): Step {
  const { screen } = state;
  switch (button) {
    case "answer": {
      if (screen.kind !== "ringing") return still(state);
      const { callId, media } = screen.talk;
      const answered: Screen = { kind: "connecting", talk: screen.talk, line: NO_LINE };
      return show(state, answered, { do: "prepare", media }, { do: "answer", callId });
    }
    case "decline": {
      if (screen.kind !== "ringing") return still(state);
      const { callId } = screen.talk;
      return over(state, endedOf(screen.talk, nowMs, { cause: "declined" }), { do: "decline", callId });
    }
    case "hang-up":
      return hangUp(state, nowMs);
    case "dismiss":
      return screen.kind === "ended" ? show(state, { kind: "idle" }) : still(state);
    case "go-back": {
      if (screen.kind !== "ended" || !screen.callId) return still(state);
      return { state, deeds: [{ do: "look", callId: screen.callId, resume: true }] };
    }
  }
}

function hangUp(state: PhoneState, nowMs: number): Step {
  const { screen } = state;
  if (screen.kind === "dialling") {
    const { other, media } = screen;
    const shown: Ended = { kind: "ended", other, media, outgoing: true, cause: "hung-up", endedAtMs: nowMs };
    return show(state, shown, { do: "leave" });
  }
  if (!("line" in screen)) return still(state);
  const { callId } = screen.talk;
  return over(state, endedOf(screen.talk, nowMs, { cause: "hung-up" }), { do: "end", callId });
}

const watch = ({ callId, ringUntilMs, outgoing }: Talk): Deed => ({
  do: "watch-ring",
  callId,
  atMs: ringUntilMs + (outgoing ? RING_END_GRACE_MS : 0),
});
