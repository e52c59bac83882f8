/** A call that goes on moves to another room, because too many have to be removed from the one it has. */
import { isOver } from "./call.ts";
import { nextVersion } from "./legs.ts";
import { isSameRoom, type Room } from "./room.ts";
import type { Rule } from "./rules.ts";

/** Phones that lose the old room come back with a token for the new one, the next: theirs opens nothing there. Doubts are of the old one. */
export const moveTo =
  (from: Room | undefined, to: Room): Rule =>
  (call) => {
    if (isOver(call) || !isSameRoom(call.stage, from)) return { kind: "already", call, events: [] };
    const legs = Object.entries(call.legs).map(([number, { doubt: _doubt, ...leg }]) => [
      number,
      { ...leg, tokensUntilMs: 0 },
    ]);
    const moved = { ...call, stage: to, legs: Object.fromEntries(legs) as typeof call.legs };
    return { kind: "changed", call: nextVersion(moved), events: [] };
  };
