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
import { goBack, pressed, pressedWaiting } from "./buttons.ts";
import type { Me } from "./call-facts.ts";
import { admitted, dialled, refused } from "./dialling.ts";
import type { Deed, PhoneEvent, Step } from "./events-and-deeds.ts";
import { ended, joined, notJoined, onLine } from "./line.ts";
import { alone, found, updated } from "./news.ts";
import { clockSet, pushed, refusedPush, ringOver, unread } from "./ringing.ts";
import { isFree, isOver, type PhoneState } from "./screen.ts";

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
      return unread(state, event, nowMs);
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
