/** What the phone hears of a call: by an update, or because it has asked. */
import { type CallFacts, isLive, isRinging } from "./call-facts.ts";
import type { Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import { ended, over, settle, show, still } from "./line.ts";
import { ring, watch } from "./ringing.ts";
import {
  endedOf,
  isFree,
  type Line,
  mayRing,
  type PhoneState,
  type Talk,
  talkOf,
  talkOfFacts,
} from "./screen.ts";

export function updated(state: PhoneState, facts: CallFacts, nowMs: number): Step {
  if (talkOf(state.screen)?.callId === facts.callId || !isLive(facts))
    return askingIfMoved(state, follow(state, facts, nowMs), facts);
  const rings = isRinging(facts) && isFree(state) && !state.over.includes(facts.callId);
  return rings ? { state, deeds: [{ do: "look", callId: facts.callId, resume: false }] } : still(state);
}

/**
 * An update does not name the phone that acts. One of a newer version that changes nothing on the screen may say that the call has
 * moved to another phone of this client, so the phone asks.
 */
function askingIfMoved({ screen: before }: PhoneState, next: Step, { callId, version }: CallFacts): Step {
  const { screen } = next.state;
  if (!("line" in before) || !("line" in screen) || version <= before.talk.version) return next;
  const isChanged = (["heard", "answeredAtMs", "ringUntilMs"] as const).some(
    (name) => before.talk[name] !== screen.talk[name],
  );
  return isChanged ? next : { ...next, deeds: [...next.deeds, { do: "look", callId, resume: false }] };
}

export function found(
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

/** The other side may have hung up, or be on its way back. */
export function alone(state: PhoneState, callId: string): Step {
  if (talkOf(state.screen)?.callId !== callId) return still(state);
  return { state, deeds: [{ do: "look", callId, resume: false }] };
}
