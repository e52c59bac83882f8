/** One run of the model: a seed, a plan, a stack, its people, and what the checkers say about it. */
import { checkersOf } from "./checkers.ts";
import type { Violation } from "./checking.ts";
import { drawFaults, type FaultLevel, type Met } from "./faults.ts";
import type { Handlers } from "./function-runs.ts";
import type { BusEvent } from "./events-and-queues.ts";
import { type CallOutcome, outcomesOf } from "./outcomes.ts";
import { openPeople } from "./people.ts";
import { type Plan, planOf } from "./plan.ts";
import { withoutSignatures } from "./signing.ts";
import { type ModelStack, openStack } from "./stack.ts";
import { callsOf, historyRowsOf } from "./stored.ts";
import { answerTo, recorded, type Told, timeline } from "./timeline.ts";

export interface RunOptions {
  readonly seed: number;
  readonly calls: number;
  readonly faults: FaultLevel;
  readonly handlers: Handlers;
  readonly calm?: boolean;
  /** Numbers of the only faults and planned acts that happen, to make a failing run smaller. */
  readonly onlyFaults?: ReadonlySet<number> | undefined;
  readonly onlyActs?: ReadonlySet<number> | undefined;
  /** Does something to the stack that should not happen, to see which checker finds it. */
  readonly meddle?: (stack: ModelStack) => void;
  readonly definition?: object;
}

export interface RunReport {
  readonly calls: number;
  readonly violations: readonly Violation[];
  readonly met: readonly Met[];
  readonly plan: Plan;
  readonly told: readonly Told[];
  /** How many calls ended for each reason. */
  readonly endings: Readonly<Record<string, number>>;
  readonly outcomes: readonly CallOutcome[];
}

/** After the last act everything works again, and so long later all must be as it should. */
export const HEALS_WITHIN_MS = 20 * 60_000;
const HOURS = 3_600_000;
const FIRST_MORNING_MS = Date.UTC(2026, 0, 1, 9);
let runs = 0;

/** A later run begins after all that functions keep of an earlier one has expired, at the same hour of a later day. */
const nextStartMs = (): number => FIRST_MORNING_MS + 24 * HOURS * runs++;

export async function run(options: RunOptions): Promise<RunReport> {
  const { seed, calls, calm = false, onlyActs } = options;
  const startMs = nextStartMs();
  const told = timeline(startMs);
  let healed = true;
  const faults = drawFaults({
    seed,
    level: options.faults,
    only: options.onlyFaults,
    onMet: ({ kind, where, number }) => told.add("fault", `${kind} (${number}) ${where}`),
  });
  const checkers = checkersOf({
    told,
    awsWorks: options.faults === "none" || options.faults === "phones",
    stack: () => stack,
    asked: () => people.asked,
  });
  const events: BusEvent[] = [];
  const states: { execution: string; state: string }[] = [];
  const observer = recorded(told, {
    ...checkers.observer,
    onState(execution, state) {
      checkers.observer.onState(execution, state);
      states.push({ execution, state });
    },
    onEvent(event) {
      checkers.observer.onEvent(event);
      events.push(event);
      people.hear(event);
    },
  });
  using _signing = withoutSignatures();
  using stack = openStack({
    seed,
    startMs,
    handlers: options.handlers,
    observer,
    faults: { ...faults, meets: (...asked) => !healed && faults.meets(...asked) },
    definition: options.definition,
  });
  const people = openPeople({
    stack: {
      now: stack.time.now,
      at: stack.time.at,
      request: stack.request,
      async join(token) {
        const place = stack.ivs.join(token);
        if (!place) return undefined;
        stack.ivs.publish(place);
        return { leave: () => stack.ivs.leave(place), vanish: () => stack.ivs.vanish(place) };
      },
    },
    seed,
    faults: { ...faults, meets: (...asked) => !healed && faults.meets(...asked) },
    onAsked(asked) {
      told.add("request", `${asked.act} ${asked.deviceId} ${asked.callId ?? ""}: ${answerTo(asked)}`);
      checkers.onAsked(asked);
    },
  });
  const plan = planOf({ seed, calls, calm });
  const registered = people.register();
  await stack.time.advanceTo(startMs + 10_000);
  await registered;
  healed = false;
  options.meddle?.(stack);
  people.plan(
    plan.acts.filter(({ number }) => onlyActs?.has(number) !== false),
    startMs + 10_000,
  );
  await stack.time.advanceTo(startMs + 20_000 + plan.endMs);
  healed = true;
  people.goHome();
  await stack.time.advanceTo(stack.time.now() + HEALS_WITHIN_MS);
  const violations = await checkers.conclude(people);
  const endings: Record<string, number> = {};
  for (const { endReason = "none" } of callsOf(stack)) endings[endReason] = (endings[endReason] ?? 0) + 1;
  const { callIdOf } = people;
  const seen = { events, states, callIdOf, planned: calls };
  const outcomes = outcomesOf({ ...seen, calls: callsOf(stack), historyRows: historyRowsOf(stack) });
  return { calls, violations, met: faults.met, plan, told: told.all, endings, outcomes };
}
