/**
 * How a wait of the workflow ends. The expected change is its success. Any other change is a named error, by which the wait's
 * Catch finds the next state. A Choice after each wait would add two states to every call, and states are most of a call's
 * price.
 */
import type { EndReason } from "../events/end-reason.ts";
import { type Call, isOver } from "./call.ts";
import { phonesToTell } from "./pushes-due.ts";

/** The call changed in another way: the workflow decides by the view that comes with it. */
export const CALL_MOVED = "CallMoved";
export type WaitError = EndReason | typeof CALL_MOVED;

/** The workflow waits for a change, and the call has one that it must follow (W4). */
export const isAwaited = ({ taskToken, waitTurn, turn }: Call): boolean =>
  taskToken !== undefined && waitTurn !== undefined && turn > waitTurn;

/** Undefined: the wait gets what it expects. */
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
