/**
 * One process does the work of a whole Region. A request that it cannot serve in time is refused before it has begun, instead of
 * running into its function's timeout half done.
 *
 * A1 So many requests run at once, and none begins while functions have more than enough to do; the others wait in their order.
 * A2 Who has waited for `MAX_WAIT_MS`, or comes when too many wait, is refused and told when to come again.
 */
import type { Clock } from "../clock.ts";

/** A laptop has few cores, and this process uses one of them: more at once make each slower, and none is done earlier. */
const AT_ONCE = 6;
/** Of all functions, also those that events and workflows have started. */
const MAX_RUNNING = 24;
const MAX_WAITING = 100;
const MAX_WAIT_MS = 2_000;
const RECHECK_MS = 50;

export interface Admission {
  /** What the work gives, or undefined if it has not begun. */
  admit<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** Seconds after which a refused client should come again. */
  retryAfterSeconds(): number;
}

export function createAdmission(clock: Clock, running: () => number): Admission {
  const waiting = new Set<() => void>();
  let serving = 0;
  let isPlanned = false;

  const hasRoom = (): boolean => serving < AT_ONCE && running() < MAX_RUNNING;

  /** True once it is its turn. */
  function turn(): Promise<boolean> {
    if (waiting.size >= MAX_WAITING) return Promise.resolve(false);
    return new Promise((resolve) => {
      const begin = (): void => end(true);
      const cancel = clock.after(MAX_WAIT_MS, () => end(false));
      function end(begins: boolean): void {
        cancel();
        waiting.delete(begin);
        if (begins) serving += 1;
        resolve(begins);
      }
      waiting.add(begin);
      plan();
    });
  }

  /** Admits one request a turn of the event loop. The requests that arrive meanwhile are read, so that they count as waiting. */
  function plan(): void {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      const [next] = waiting;
      if (!next) return;
      if (hasRoom()) next();
      // A function that was invoked in another way reports no end here, so the place is checked again later.
      else if (serving === 0) return void clock.after(RECHECK_MS, plan);
      if (waiting.size > 0 && hasRoom()) plan();
    });
  }

  return {
    async admit(work) {
      if (!(await turn())) return undefined;
      try {
        return await work();
      } finally {
        serving -= 1;
        plan();
      }
    },
    retryAfterSeconds: () => 1 + Math.ceil(waiting.size / AT_ONCE / 4),
  };
}
