/** A call that goes on moves to another room, because its room has too many participants to remove one by one. */
import { isOver } from "./call.ts";
import { nextVersion } from "./legs.ts";
import { isSameRoom, type Room } from "./room.ts";
import type { Rule } from "./rules.ts";

/** Phones that lose the old room rejoin with their next token, which is for the new room. Doubts were about the old room. */
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
