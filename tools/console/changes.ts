/**
 * When to read again. A deployed stack reports no changes, so the console reads it every 2 seconds; it reads a local runtime when
 * something has happened. After each failure the pause is longer.
 */

export interface ConsoleClock {
  now(): number;
  /** Runs `task` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export interface Attention {
  /** Settles when it is time to read again, or when the attention has ended. `failures`: failed reads in a row. */
  next(failures: number): Promise<void>;
  end(): void;
}

export interface Changes {
  /** From now on nothing is missed. */
  attend(): Attention;
}

const POLL_EVERY_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** Of one step of a call there are several happenings. */
const GATHER_MS = 100;
/** Whatever happens, a view is not read more often. */
const REST_MS = 400;

const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE_MS, POLL_EVERY_MS * 2 ** failures);

export function polling(clock: ConsoleClock): Changes {
  return {
    attend() {
      const timer = endableTimer(clock);
      return { next: (failures) => timer.wait(pauseAfter(failures)), end: () => timer.end() };
    },
  };
}

/** `listen` calls back for everything that may have changed a view; what it returns ends that. */
export function listening(clock: ConsoleClock, listen: (happened: () => void) => () => void): Changes {
  return {
    attend() {
      const timer = endableTimer(clock);
      let hasHappened = false;
      const stop = listen(() => {
        hasHappened = true;
        timer.wake("event");
      });
      return {
        async next(failures) {
          await timer.wait(REST_MS);
          if (!hasHappened) await timer.wait(failures > 0 ? pauseAfter(failures) : undefined, "event");
          await timer.wait(GATHER_MS);
          hasHappened = false;
        },
        end() {
          stop();
          timer.end();
        },
      };
    },
  };
}

interface EndableTimer {
  /** For so long, or until it is woken by that name; for ever without a duration. */
  wait(durationMs: number | undefined, wokenBy?: string): Promise<void>;
  wake(name: string): void;
  /** Ends the present wait, and all later ones at once. */
  end(): void;
}

function endableTimer(clock: ConsoleClock): EndableTimer {
  let waiting: { readonly wokenBy: string | undefined; readonly stop: () => void } | undefined;
  let hasEnded = false;
  return {
    wait(durationMs, wokenBy) {
      if (hasEnded) return Promise.resolve();
      return new Promise((resolve) => {
        const stop = (): void => {
          waiting = undefined;
          cancel();
          resolve();
        };
        const cancel = durationMs === undefined ? () => undefined : clock.after(durationMs, stop);
        waiting = { wokenBy, stop };
      });
    },
    wake(name) {
      if (waiting?.wokenBy === name) waiting.stop();
    },
    end() {
      hasEnded = true;
      waiting?.stop();
    },
  };
}
