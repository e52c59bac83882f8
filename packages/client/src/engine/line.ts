/** The phone's own way onto the stage of its call, and back onto it. */
import type { Ending } from "../wire/contract.ts";
import { isLive } from "./call-facts.ts";
import type { Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import {
  type Cause,
  endedOf,
  type Ended,
  type InCall,
  type Line,
  type PhoneState,
  type Screen,
  type Talk,
  talkOf,
} from "./screen.ts";

/**
 * Pauses before each try to come back: 32 s in all. The server gives a lost phone about a minute; IVS's SDK may well come back
 * within the first second by itself.
 */
export const REJOIN_DELAYS_MS = [1_000, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000] as const;
/** A connection that has lasted this long counts as good again. */
const STEADY_MS = 10_000;
/**
 * A phone that was disconnected from the stage usually has no part in the call any more, and to rejoin could bring its user back
 * unasked. So the server has this long to say how the call stands.
 */
const ASK_FIRST_MS = 3_000;
const MAX_REMEMBERED_ENDS = 50;

export const NO_LINE: Line = { wasConnected: false, attempts: 0 };
export const still = (state: PhoneState): Step => ({ state, deeds: [] });
export const show = (state: PhoneState, screen: Screen, ...deeds: Deed[]): Step => ({
  state: { ...state, screen },
  deeds,
});

/** Which screen a call is on follows from whether it is answered and whether this phone is on the stage. */
export function settle(state: PhoneState, { talk, line }: InCall, ...deeds: Deed[]): Step {
  const kind = kindOf(talk, line);
  return show(state, { kind, talk, line }, ...deeds);
}

function kindOf({ answeredAtMs, outgoing }: Talk, { connectedAtMs, wasConnected }: Line) {
  if (answeredAtMs === undefined && outgoing) return "calling";
  if (connectedAtMs !== undefined && answeredAtMs !== undefined) return "in-call";
  return wasConnected ? "reconnecting" : "connecting";
}

export const over = (state: PhoneState, screen: Ended, ...deeds: Deed[]): Step =>
  show(screen.callId ? remember(state, screen.callId) : state, screen, { do: "leave" }, ...deeds);

export const remember = (state: PhoneState, callId: string): PhoneState =>
  state.over.includes(callId)
    ? state
    : { ...state, over: [...state.over, callId].slice(-MAX_REMEMBERED_ENDS) };

export function joined(
  state: PhoneState,
  { facts, token }: Extract<PhoneEvent, { is: "joined" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  const { callId } = facts;
  if (!("line" in screen) || screen.talk.callId !== callId) return still(state);
  if (!isLive(facts)) return ended(state, callId, facts.ending, nowMs);
  const { version, answeredAtMs } = facts;
  const talk = { ...screen.talk, version: Math.max(version, screen.talk.version), answeredAtMs };
  return settle(state, { talk, line: screen.line }, { do: "join", callId, token });
}

type NotJoined = Extract<PhoneEvent, { is: "not-joined" }>;

export function notJoined(state: PhoneState, { callId, problem, again }: NotJoined, nowMs: number): Step {
  const { screen } = state;
  if (!("line" in screen) || screen.talk.callId !== callId) return still(state);
  if (again) return tryAgain(state, screen, nowMs, problem);
  return over(state, endedOf(screen.talk, nowMs, { ending: problem.endReason, cause: problem }));
}

type OnLine = Extract<PhoneEvent, { is: "stage-connected" | "stage-lost" }>;

export function onLine(state: PhoneState, event: OnLine, nowMs: number): Step {
  const { screen } = state;
  if (!("line" in screen) || screen.talk.callId !== event.callId) return still(state);
  const { talk, line } = screen;
  if (event.is === "stage-connected") {
    return settle(state, { talk, line: { ...line, connectedAtMs: nowMs, wasConnected: true } });
  }
  if (event.how === "moved") return over(state, endedOf(talk, nowMs, { cause: "moved" }));
  const steady = line.connectedAtMs !== undefined && nowMs - line.connectedAtMs >= STEADY_MS;
  const lost = { talk, line: { ...line, attempts: steady ? 0 : line.attempts } };
  const again = tryAgain(state, lost, nowMs, "lost");
  return event.how === "thrown-out" ? asking(again, talk.callId) : again;
}

/** Asks first how the call stands. */
function asking({ state, deeds }: Step, callId: string): Step {
  const later = deeds.map((deed) =>
    deed.do === "rejoin" ? { ...deed, afterMs: Math.max(deed.afterMs, ASK_FIRST_MS) } : deed,
  );
  return { state, deeds: [{ do: "look", callId, resume: false }, ...later] };
}

/** Asks for another token, a while later; the reply also tells if the call is over. */
function tryAgain(state: PhoneState, { talk, line }: InCall, nowMs: number, cause: Cause): Step {
  const afterMs = REJOIN_DELAYS_MS[line.attempts];
  const { callId } = talk;
  if (afterMs === undefined) return over(state, endedOf(talk, nowMs, { cause }), { do: "end", callId });
  const again: Line = { wasConnected: line.wasConnected, attempts: line.attempts + 1 };
  return settle(state, { talk, line: again }, { do: "rejoin", callId, afterMs });
}

export const unheard = ({ kind }: Screen): { readonly unheard?: true } =>
  kind === "incoming" ? { unheard: true } : {};

/** The call is over for this phone, and the server has said why. */
export function ended(state: PhoneState, callId: string, ending: Ending | undefined, nowMs: number): Step {
  const { screen } = state;
  const talk = talkOf(screen);
  if (talk?.callId === callId) {
    return over(state, { ...endedOf(talk, nowMs, { ending }), ...unheard(screen) });
  }
  const isShown = screen.kind === "ended" && screen.callId === callId && screen.dial === undefined;
  if (isShown && screen.ending === undefined) return show(remember(state, callId), { ...screen, ending });
  return still(remember(state, callId));
}
