/**
 * What holds of every call, whatever goes wrong. A rule that says "in the end" is checked after everything has worked again for
 * HEALS_WITHIN_MS (run.ts); the others at every moment. Rules that say "without faults of AWS" are checked in runs where AWS works
 * and only people and their phones are unreliable.
 *
 * Y1 A call ends exactly once: its record never says another reason or time. Each write of it raises its version by one, and its turn
 *    never falls. Rests on W1.
 * Y2 The reason is one that the call's history justifies: somebody asked for it, or a deadline passed, or a phone was gone.
 * Y3 At most one device answers a leg. Another takes part only by taking over, or after the leg has left. Rests on W1 and A1.
 * Y4 No client takes part in two living calls. Rests on the admission's transaction.
 * Y5 No phone is rung for a leg whose ring is over. In the end no phone still waits to be told, without faults of AWS.
 * Y6 In the end every call is over, and holds nothing: no slot, no stage, no execution, no place in the sweep's index. Rests on W6
 *    and W8.
 * Y7 Nobody of an ended leg hears anything 15 s later, without faults of AWS; in the end nobody of it is on a stage. Rests on R1, R2.
 * Y8 No participant token opens a stage that serves a later call, or may serve one. Rests on S2.
 * Y9 Every accepted request has its effect, and no request that a phone can send is invalid. No 5xx without faults of AWS.
 * Y10 Events are as their schemas say, and those of one version tell the same. In the end the record, the last events, what
 *    subscribers heard last, and the history agree.
 * Y11 No secret is in an event, in a call's record, or in the history of an execution.
 * Y12 Nothing is dead-lettered without faults of AWS.
 * Y13 An execution enters a bounded number of states for each turn of its call: it never runs in circles.
 */
import { checkMedia } from "./check-media.ts";
import { checkMessages } from "./check-messages.ts";
import { checkPushes } from "./check-pushes.ts";
import { checkRecords } from "./check-records.ts";
import { checkRelease } from "./check-release.ts";
import { checkRequests } from "./check-requests.ts";
import type { Checker, Checking, OpenChecker, Violation } from "./checking.ts";
import type { Asked, People } from "./people.ts";
import type { ModelStack, StackObserver } from "./stack.ts";
import type { Timeline } from "./timeline.ts";

const CHECKERS: readonly OpenChecker[] = [
  checkRecords,
  checkRequests,
  checkPushes,
  checkMedia,
  checkMessages,
  checkRelease,
];

/** Of one rule in one call the first violation says enough. */
const MOST = 50;

export interface Checkers {
  readonly observer: Required<StackObserver>;
  onAsked(asked: Asked): void;
  conclude(people: People): Promise<readonly Violation[]>;
}

export interface CheckersOptions {
  readonly told: Timeline;
  readonly awsWorks: boolean;
  readonly stack: () => ModelStack;
  readonly asked: () => readonly Asked[];
}

export function checkersOf({ told, awsWorks, stack, asked }: CheckersOptions): Checkers {
  const violations: Violation[] = [];
  const seen = new Set<string>();
  const checking: Checking = {
    get stack() {
      return stack();
    },
    get asked() {
      return asked();
    },
    awsWorks,
    report(rule, text, callId) {
      const key = `${rule} ${callId ?? ""}`;
      if (seen.has(key) || violations.length >= MOST) return;
      seen.add(key);
      violations.push({ rule, text, callId });
      told.add("VIOLATION", `${rule} ${text} ${callId ?? ""}`);
    },
  };
  const all = CHECKERS.map((open) => open(checking));
  return {
    observer: {
      onWrite: (written) => each(all, (one) => one.onWrite?.(written)),
      onEvent: (event) => each(all, (one) => one.onEvent?.(event)),
      onState: (...state) => each(all, (one) => one.onState?.(...state)),
      onExecutionEnd: (...end) => each(all, (one) => one.onExecutionEnd?.(...end)),
      onPushSent: (push) => each(all, (one) => one.onPushSent?.(push)),
      onPush: (push) => each(all, (one) => one.onPush?.(push)),
      onJoin: (participant) => each(all, (one) => one.onJoin?.(participant)),
      onOutcome: (...outcome) => each(all, (one) => one.onOutcome?.(...outcome)),
      onDeadLetter: (...dead) => each(all, (one) => one.onDeadLetter?.(...dead)),
    },
    onAsked: (one) => each(all, (checker) => checker.onAsked?.(one)),
    async conclude(people) {
      for (const one of all) await one.conclude?.(people);
      return violations;
    },
  };
}

function each(all: readonly Checker[], tell: (one: Checker) => void): void {
  for (const one of all) tell(one);
}
