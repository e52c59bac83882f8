/** What the person does with a call: answers, declines, hangs up, goes back into it. */
import type { Button, Step } from "./events-and-deeds.ts";
import { NO_LINE, over, remember, show, still } from "./line.ts";
import {
  type Ended,
  endedOf,
  isFree,
  type PhoneState,
  type Screen,
  type Talk,
  talkOfPush,
} from "./screen.ts";

export function pressed(state: PhoneState, button: Button, nowMs: number): Step {
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

export function pressedWaiting(
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

export function goBack(state: PhoneState, callId: string, takeOver: boolean): Step {
  if (!isFree(state)) return still(state);
  return { state, deeds: [{ do: "look", callId, resume: true, takeOver }] };
}

function hangUp(state: PhoneState, nowMs: number): Step {
  const { screen } = state;
  if (screen.kind === "dialling") {
    const shown: Ended = { ...screen, kind: "ended", outgoing: true, cause: "hung-up", endedAtMs: nowMs };
    return show(state, shown, { do: "leave" });
  }
  if (!("line" in screen)) return still(state);
  const { callId } = screen.talk;
  return over(state, endedOf(screen.talk, nowMs, { cause: "hung-up" }), { do: "end", callId });
}
