/** A call that this phone begins, until the server has named it or refused it. */
import { isLive } from "./call-facts.ts";
import type { Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import { NO_LINE, over, settle, show, still } from "./line.ts";
import { watch } from "./ringing.ts";
import { type Ended, endedOf, isFree, type PhoneState, type Screen, talkOf, talkOfFacts } from "./screen.ts";

/** A call that only begins to come in waits: who calls its caller answers it. */
export function dialled(
  state: PhoneState,
  { other, media, more }: Extract<PhoneEvent, { is: "dialled" }>,
): Step {
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
export function admitted(state: PhoneState, { dial, facts, token }: Admitted, nowMs: number): Step {
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

export function refused(
  state: PhoneState,
  { dial, problem }: Extract<PhoneEvent, { is: "refused" }>,
  nowMs: number,
): Step {
  const { screen } = state;
  if (screen.kind !== "dialling" || screen.dial !== dial) return still(state);
  const { other, media } = screen;
  const { callId } = problem;
  // A repeat of the request may find that the call which it began is over.
  const ending = problem.code === "callee_busy" ? "busy" : problem.endReason;
  const shown: Ended = {
    kind: "ended",
    dial,
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
