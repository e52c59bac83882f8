/**
 * Live views: one loop reads each distinct view for all of its watchers, and sends it when it has changed.
 *
 * V1 Without watchers, the loop does not read.
 * V2 A watcher gets the whole view at once if it is known, and again whenever it changes.
 * V3 A read that AWS throttles is repeated later; watchers keep the view that they have.
 */
import type { Changes } from "./changes.ts";
import { problemOf } from "./view-problem.ts";

export interface Message {
  /** Of the stream; a plain view has none. */
  readonly event?: "problem";
  /** JSON. */
  readonly data: string;
}

export interface Live {
  /** Undefined if too much is watched already; the returned function ends the watching. */
  watch(
    key: string,
    read: () => Promise<unknown>,
    send: (message: Message) => void,
  ): (() => void) | undefined;
}

/** Distinct views. */
const MOST_LOOPS = 50;
const THROTTLED = 503;

interface Loop {
  readonly watchers: Set<(message: Message) => void>;
  last?: Message;
  end(): void;
}

export function createLive(changes: Changes): Live {
  const loops = new Map<string, Loop>();

  function begin(key: string, read: () => Promise<unknown>): Loop {
    const attention = changes.attend();
    const loop: Loop = {
      watchers: new Set(),
      end() {
        loops.delete(key);
        attention.end();
      },
    };
    loops.set(key, loop);
    const isWatched = (): boolean => loops.get(key) === loop;
    void (async () => {
      for (let failures = 0; isWatched();) {
        const latest = await readOnce(read);
        failures = latest.hasFailed ? failures + 1 : 0;
        if (isWatched() && !(latest.isThrottled && loop.last)) tell(loop, latest.message);
        await attention.next(failures);
      }
    })();
    return loop;
  }

  return {
    watch(key, read, send) {
      const known = loops.get(key);
      if (!known && loops.size >= MOST_LOOPS) return undefined;
      const loop = known ?? begin(key, read);
      loop.watchers.add(send);
      if (loop.last) send(loop.last);
      return () => {
        loop.watchers.delete(send);
        if (loop.watchers.size === 0 && loops.get(key) === loop) loop.end();
      };
    },
  };
}

function tell(loop: Loop, message: Message): void {
  if (loop.last?.data === message.data) return;
  loop.last = message;
  for (const send of loop.watchers) send(message);
}

interface ReadOnce {
  readonly message: Message;
  readonly hasFailed: boolean;
  readonly isThrottled: boolean;
}

async function readOnce(read: () => Promise<unknown>): Promise<ReadOnce> {
  try {
    return { message: { data: JSON.stringify(await read()) }, hasFailed: false, isThrottled: false };
  } catch (error) {
    const { status, title, detail } = problemOf(error);
    const data = JSON.stringify({ title, detail });
    return { message: { event: "problem", data }, hasFailed: true, isThrottled: status === THROTTLED };
  }
}
