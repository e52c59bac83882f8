/** Retry: which retrier answers an error, and how long it waits. Counters belong to one visit of a state. */
import type { Retrier } from "../definition/definition.ts";
import { randomFraction } from "../randomness.ts";
import { StateError, matchesError } from "./state-error.ts";
import { wait } from "./timer.ts";
import { throttle } from "./transitions.ts";
import type { Visit } from "./visit.ts";

/** Delay before retry number `attempt` (from 0), before jitter. */
export function delaySeconds(retrier: Retrier, attempt: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  return Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds);
}

/** Runs `attempt` until it succeeds or no retrier is left for its error. */
export async function withRetry<T>(visit: Visit, attempt: () => Promise<T>): Promise<T> {
  const retriers = visit.state.Retry ?? [];
  const attempts = retriers.map(() => 0);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const index = retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
      const retrier = retriers[index];
      const done = attempts[index] ?? 0;
      if (!retrier || done >= (retrier.MaxAttempts ?? 3)) throw error;
      attempts[index] = done + 1;
      await waitBeforeRetry(visit, retrier, done);
    }
  }
}

/** A retry is billed like a state transition. */
async function waitBeforeRetry(visit: Visit, retrier: Retrier, done: number): Promise<void> {
  const { engine, signal, execution } = visit.scope;
  const seconds = delaySeconds(retrier, done) * (retrier.JitterStrategy === "FULL" ? randomFraction() : 1);
  await wait(engine.localAws.clock, seconds * 1000, signal);
  await throttle(visit.scope);
  visit.retryCount += 1;
  if (execution.machine.type === "STANDARD") engine.localAws.meter("states:transition", 1);
}
