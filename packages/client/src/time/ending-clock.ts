/** A clock that can end: it calls off what waits on it, so that no timer outlives the phone that set it and keeps a process alive. */
import type { Clock } from "./clock.ts";

export interface EndingClock extends Clock {
  end(): void;
}

export function endingClock(clock: Clock): EndingClock {
  const waiting = new Set<() => void>();
  let ended = false;
  return {
    ...clock,
    after(ms, callback, cut = () => undefined) {
      if (ended) {
        cut();
        return () => undefined;
      }
      const callOff = clock.after(ms, () => {
        waiting.delete(end);
        callback();
      });
      const end = (): void => {
        callOff();
        cut();
      };
      waiting.add(end);
      return () => {
        waiting.delete(end);
        callOff();
      };
    },
    end() {
      ended = true;
      for (const end of waiting) end();
      waiting.clear();
    },
  };
}
