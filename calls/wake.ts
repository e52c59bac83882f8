/**
 * How a wait of the workflow ends. What it hopes for is its success. Anything else is told as an error with a name, by which
 * its Catch finds the next state: a Choice after each wait would be two more states in every call, and states are most of a
 * call's price.
 */
import type { EndReason } from "../events/end-reason.ts";
import { type Call, isOver } from "./call.ts";
import { phonesToTell } from "./pushes-due.ts";

/** The call went on in another way: the workflow decides by the view that comes with it. */
export const CALL_MOVED = "CallMoved";
export type WaitError = EndReason | typeof CALL_MOVED;

/** Something has happened that the workflow is to follow, and waits for (W4). */
export const isAwaited = ({ taskToken, waitTurn, turn }: Call): boolean =>
  taskToken !== undefined && waitTurn !== undefined && turn > waitTurn;

/** Undefined: it is what the wait hopes for. */
export function errorOfWait(call: Call): WaitError | undefined {
  switch (call.waitsFor) {
    case undefined:
      return undefined;
    case "answer":
      if (isOver(call)) return call.endReason;
      return call.status === "answered" && !phonesToTell(call) ? undefined : CALL_MOVED;
    case "end":
      if (!isOver(call) || phonesToTell(call)) return CALL_MOVED;
      return call.endReason === "dropped" ? call.endReason : undefined;
  }
}
