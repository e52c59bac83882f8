/**
 * What the phone shows of a call, and what it does next: pure.
 *
 * 1. A phone is in one call at a time. What concerns another call changes nothing on the screen.
 * 2. The first ending wins. A call that is over for this phone never rings or comes back, whatever arrives later.
 * 3. An update of a version that was seen, or an older one, does nothing.
 * 4. Why a call ended is the server's word. Until it is known, the screen says only what this phone did.
 * 5. A call that is answered is left only by its end, by hanging up, or when REJOIN_DELAYS_MS has run out.
 * 6. A second call waits, and rings once the first is over. The server knows of one call a client: so the first is looked at.
 */
import { endingOf, type Push } from "../wire/pushes.ts";
import { type CallFacts, isLive, isRinging, type Me } from "./call-facts.ts";
import type { Button, Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import {
  ended,
  joined,
  NO_LINE,
  notJoined,
  onLine,
  over,
  remember,
  settle,
  show,
  still,
  unheard,
} from "./line.ts";
import {
  type Ended,
  endedOf,
  type Line,
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

function change(state: PhoneState, event: PhoneEvent, nowMs: number, me: Me): Step {
  switch (event.is) {
    case "dialled":
      return dialled(state, event);
    case "admitted":
      return admitted(state, event, nowMs);
    case "refused":
      return refused(state, event, nowMs);
    case "pushed":
      return pushed(state, event, nowMs, me);
    case "unread":
      return mayRing(state, event.push.call_id) ? ringUnread(state, event, nowMs) : still(state);
    case "refused-push":
      return refusedPush(state, event, nowMs);
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
    case "answer-waiting":
    case "decline-waiting":
      return pressedWaiting(state, event.is, nowMs);
    case "return":
      return goBack(state, event.callId, event.takeOver);
    case "clock-set":
      return clockSet(state, event.byMs);
  }
}

/** The next step, and the second call's turn if the first is over now. */
export function step(state: PhoneState, event: PhoneEvent, nowMs: number, me: Me): Step {
  const { state: next, deeds } = change(state, event, nowMs, me);
  const { waiting } = next;
  if (!waiting) return { state: next, deeds };
  if (isOver(next, waiting.call_id)) return { state: { ...next, waiting: undefined }, deeds };
  const isTurn = isFree(next) && !isFree(state);
  const look: Deed = { do: "look", callId: waiting.call_id, push: waiting, resume: false };
  return { state: next, deeds: isTurn ? [...deeds, look] : deeds };
}

const isOver = ({ over: those, screen }: PhoneState, callId: string): boolean =>
  those.includes(callId) || talkOf(screen)?.callId === callId;

/** The screen is free for this call, or shows that its push has come. */
const mayRing = (state: PhoneState, callId: string): boolean =>
  isFree(state) || (state.screen.kind === "incoming" && state.screen.talk.callId === callId);

/** Nothing is on the screen that a new call would interrupt. */
const isFree = ({ screen: { kind } }: PhoneState): boolean => kind === "idle" || kind === "ended";

/** A call that only begins to come in waits: who calls its caller answers it. */
function dialled(state: PhoneState, { other, media, more }: Extract<PhoneEvent, { is: "dialled" }>): Step {
  const { screen: before } = state;
  if (!isFree(state) && before.kind !== "incoming") return still(state);
  const dial = state.dials + 1;
  const screen: Screen = { kind: "dialling", dial, other, media };
  const waiting = before.kind === "incoming" ? before.push : state.waiting;
  return show(
    { ...state, dials: dial, waiting },
    screen,
    { do: "prepare", media },
    { do: "initiate", dial, other, media, more },
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

function pushed(state: PhoneState, event: Pushed, nowMs: number, me: Me): Step {
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
function refusedPush(
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
function ringUnread(
  state: PhoneState,
  { push, sinceMs }: Extract<PhoneEvent, { is: "unread" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  const untilMs = screen.kind === "incoming" ? screen.talk.ringUntilMs : unconfirmedUntil(push, sinceMs);
  return ring(state, talkOfPush(push, untilMs), nowMs);
}

function updated(state: PhoneState, facts: CallFacts, nowMs: number): Step {
  if (talkOf(state.screen)?.callId === facts.callId || !isLive(facts)) return follow(state, facts, nowMs);
  const rings = isRinging(facts) && isFree(state) && !state.over.includes(facts.callId);
  return rings ? { state, deeds: [{ do: "look", callId: facts.callId, resume: false }] } : still(state);
}

function found(
  state: PhoneState,
  { facts, name, resume, takeOver }: Extract<PhoneEvent, { is: "found" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  const isShown = talkOf(screen)?.callId === facts.callId;
  // The server has moved this phone's part to another phone.
  if (isShown && isLive(facts) && facts.elsewhere && "line" in screen)
    return over(state, endedOf(screen.talk, nowMs, { cause: "moved" }));
  if (!isLive(facts) || (isShown && screen.kind !== "incoming")) return follow(state, facts, nowMs);
  if (!mayRing(state, facts.callId)) return still(state);
  const known = isShown ? talkOf(screen)?.other.name : undefined;
  const talk = talkOfFacts(facts, name ?? known);
  if (isRinging(facts)) return ring(state, talk, nowMs);
  if (screen.kind === "incoming") return ended(state, facts.callId, "answered_elsewhere", nowMs);
  if (!resume || facts.myStatus !== "joined") return still(state);
  if (facts.elsewhere && !takeOver)
    return over(state, endedOf(talk, nowMs, { ending: "answered_elsewhere" }));
  const { callId, media } = talk;
  const line: Line = { wasConnected: true, attempts: 1 };
  const back: Deed[] = [
    { do: "prepare", media },
    { do: "rejoin", callId, afterMs: 0, takeOver },
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
  // What a push said is confirmed: it rings.
  if (screen.kind === "incoming" && isRinging(facts)) return ring(state, next, nowMs);
  if (screen.kind === "ringing" || screen.kind === "incoming") {
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
  if (state.over.includes(callId)) return still(state);
  if (nowMs >= talk.ringUntilMs)
    return state.screen.kind === "incoming" ? ringOver(state, callId, nowMs) : still(state);
  const waiting = state.waiting?.call_id === callId ? undefined : state.waiting;
  return show({ ...state, waiting }, { kind: "ringing", talk }, { do: "acknowledge", callId }, watch(talk));
}

function ringOver(state: PhoneState, callId: string, nowMs: number): Step {
  const talk = talkOf(state.screen);
  if (state.waiting?.call_id === callId) return ended(state, callId, "missed", nowMs);
  if (talk?.callId !== callId || talk.answeredAtMs !== undefined) return still(state);
  const rings = state.screen.kind === "ringing" || state.screen.kind === "incoming";
  // Meanwhile the server has said that it rings for longer.
  if (rings && nowMs < talk.ringUntilMs) return { state, deeds: [watch(talk)] };
  const hopeless = nowMs >= talk.ringUntilMs + RING_END_MAX_MS;
  if (rings || hopeless)
    return over(state, { ...endedOf(talk, nowMs, { cause: "ring-over" }), ...unheard(state.screen) });
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
    case "answer":
      return screen.kind === "ringing" || screen.kind === "incoming"
        ? answer(state, screen.talk)
        : still(state);
    case "decline": {
      if (screen.kind !== "ringing" && screen.kind !== "incoming") return still(state);
      const { callId } = screen.talk;
      return over(state, endedOf(screen.talk, nowMs, { cause: "declined" }), { do: "decline", callId });
    }
    case "hang-up":
      return hangUp(state, nowMs);
    case "dismiss":
      return screen.kind === "ended" ? show(state, { kind: "idle" }) : still(state);
    case "go-back": {
      if (screen.kind !== "ended" || !screen.callId) return still(state);
      return goBack(state, screen.callId, false);
    }
  }
}

function answer(state: PhoneState, talk: Talk): Step {
  const { callId, media } = talk;
  const answered: Screen = { kind: "connecting", talk, line: NO_LINE };
  return show(state, answered, { do: "prepare", media }, { do: "answer", callId });
}

function pressedWaiting(
  state: PhoneState,
  button: "answer-waiting" | "decline-waiting",
  nowMs: number,
): Step {
  const { waiting } = state;
  if (!waiting) return still(state);
  const { call_id: callId } = waiting;
  if (button === "decline-waiting")
    return { state: remember(state, callId), deeds: [{ do: "decline", callId }] };
  const first = pressed(
    state,
    "line" in state.screen || state.screen.kind === "dialling" ? "hang-up" : "decline",
    nowMs,
  );
  const second = answer({ ...first.state, waiting: undefined }, talkOfPush(waiting, nowMs));
  return { state: second.state, deeds: [...first.deeds, ...second.deeds] };
}

function goBack(state: PhoneState, callId: string, takeOver: boolean): Step {
  if (!isFree(state)) return still(state);
  return { state, deeds: [{ do: "look", callId, resume: true, takeOver }] };
}

/** Nothing but a ring that no reply has confirmed is reckoned by the device's clock. */
function clockSet(state: PhoneState, byMs: number): Step {
  const { screen } = state;
  if ((screen.kind !== "incoming" && screen.kind !== "ringing") || screen.talk.version > 0)
    return still(state);
  const talk = { ...screen.talk, ringUntilMs: screen.talk.ringUntilMs + byMs };
  return show(state, { ...screen, talk });
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
