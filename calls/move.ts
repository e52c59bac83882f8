/** A call that goes on moves to another stage, because too many have to be removed from the one it has. */
import { isOver, type Stage } from "./call.ts";
import { visible } from "./legs.ts";
import type { Rule } from "./rules.ts";

/** Phones that lose the old stage come back with a token for the new one, the next: theirs opens nothing there. Doubts are of the old one. */
export const moveTo =
  (from: Stage | undefined, to: Stage): Rule =>
  (call) => {
    if (isOver(call) || call.stage?.stageId !== from?.stageId) return { kind: "already", call, events: [] };
    const legs = Object.entries(call.legs).map(([number, { doubt: _doubt, ...leg }]) => [
      number,
      { ...leg, tokensUntilMs: 0 },
    ]);
    const moved = { ...call, stage: to, legs: Object.fromEntries(legs) as typeof call.legs };
    return { kind: "changed", call: visible(moved), events: [] };
  };
