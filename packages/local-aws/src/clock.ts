/**
 * Time, real or virtual.
 *
 * Virtual time replaces Date, setTimeout and setInterval of the whole process, because the AWS SDK's retries,
 * jose and JSONata read the globals. setImmediate stays real: dynalite settles on it.
 *
 * C1 Virtual time moves only inside `advance` and `until`, one timer at a time.
 * C2 It never moves while something is held: a call at local AWS, or real work such as a socket or a thread pool.
 * C3 It never moves while an actor (a running function) could still do something by itself. An actor that waits on
 *    a timer of its own does not stop time, or its SDK's retries would wait for ever. A timer that was unref'd is not
 *    waited for: it guards something else that is, such as a request on a socket.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { install } from "@sinonjs/fake-timers";

export interface Clock {
  readonly virtual: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Stops virtual time until `work` has settled. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` as an actor: virtual time stands still while it runs, except while it waits on a timer of its own. */
  actor<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until nothing runs at the present time. In real time: a turn of the event loop. */
  settle(): Promise<void>;
  /** Moves virtual time; in real time, waits. */
  advance(durationMs: number): Promise<void>;
  /** Moves time until `condition` holds; throws after `limitMs`. */
  until(condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** Gives the process its own time back. */
  dispose(): void;
}

const realSetImmediate = globalThis.setImmediate;
const realSetTimeout = globalThis.setTimeout;
const turn = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));

/** Quiet turns of the event loop after which nothing is expected to happen by itself. */
const QUIET_TURNS = 6;
/** A process that stays busy this long in real time will not settle: a hang is an error, not a silence. */
const STUCK_AFTER_MS = 60_000;

export function realClock(): Clock {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => realSetTimeout(resolve, ms));
  const now = (): number => Date.now();
  return {
    virtual: false,
    now,
    after(delayMs, task) {
      const timer = realSetTimeout(task, Math.min(delayMs, 2_147_483_647));
      return () => clearTimeout(timer);
    },
    hold: (work) => work(),
    actor: (work) => work(),
    settle: turn,
    advance: wait,
    async until(condition, limitMs = 60_000) {
      const end = now() + limitMs;
      while (!(await condition())) {
        if (now() > end) throw new Error(`condition not met within ${limitMs} ms`);
        await wait(5);
      }
    },
    dispose: () => undefined,
  };
}

interface Actor {
  readonly timers: Set<unknown>;
}

/** One virtual clock at a time: it replaces the globals until `dispose`. Bulk work at one moment may take longer in real time. */
export function virtualClock(
  startMs: number = Date.UTC(2026, 0, 1, 9),
  stuckAfterMs = STUCK_AFTER_MS,
): Clock {
  const fake = install({
    now: startMs,
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  const actors = new Set<Actor>();
  const currentActor = new AsyncLocalStorage<Actor | undefined>();
  let held = 0;
  trackTimersOfActors(currentActor);

  const busy = (): boolean => held > 0 || [...actors].some((actor) => actor.timers.size === 0);

  async function settle(): Promise<void> {
    const started = performance.now();
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await turn();
      quiet = busy() ? 0 : quiet + 1;
      if (performance.now() - started > stuckAfterMs) {
        throw new Error(`virtual time is stuck: ${held} held, ${actors.size} functions running`);
      }
    }
  }

  /** Fires the next timer due at or before `endMs`; false if there is none. A bench has a hundred thousand of them. */
  function step(endMs: number): boolean {
    const { callAt = Infinity } = fake.timerHeap?.peek() ?? {};
    if (callAt > endMs) return false;
    fake.next();
    return true;
  }

  return {
    virtual: true,
    now: () => fake.now,
    after(delayMs, task) {
      const timer = currentActor.run(undefined, () => fake.setTimeout(task, delayMs));
      return () => fake.clearTimeout(timer);
    },
    async hold(work) {
      held += 1;
      try {
        return await work();
      } finally {
        held -= 1;
      }
    },
    async actor(work) {
      const actor: Actor = { timers: new Set() };
      actors.add(actor);
      try {
        return await currentActor.run(actor, work);
      } finally {
        actors.delete(actor);
      }
    },
    settle,
    async advance(durationMs) {
      const endMs = fake.now + durationMs;
      do await settle();
      while (step(endMs));
      fake.tick(endMs - fake.now);
    },
    async until(condition, limitMs = 24 * 3_600_000) {
      const endMs = fake.now + limitMs;
      for (;;) {
        await settle();
        if (await condition()) return;
        if (!step(endMs)) throw new Error(`condition not met within ${limitMs} virtual ms`);
      }
    },
    dispose: () => fake.uninstall(),
  };
}

/** Wraps the faked timers so that an actor knows which live timers it has itself. */
function trackTimersOfActors(currentActor: AsyncLocalStorage<Actor | undefined>): void {
  const fakeSetTimeout = globalThis.setTimeout;
  const fakeClearTimeout = globalThis.clearTimeout;
  const owners = new Map<unknown, Actor>();
  const forget = (timer: unknown): void => {
    owners.get(timer)?.timers.delete(timer);
    owners.delete(timer);
  };
  const setTimeoutOfActor = (task: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const actor = currentActor.getStore();
    if (!actor) return fakeSetTimeout(task, delayMs, ...args);
    const timer = fakeSetTimeout(() => {
      forget(timer);
      currentActor.run(actor, () => task(...args));
    }, delayMs);
    actor.timers.add(timer);
    owners.set(timer, actor);
    const unref = timer.unref.bind(timer);
    timer.unref = () => {
      forget(timer);
      return unref();
    };
    return timer;
  };
  // The faked functions carry overloads that no wrapper can spell; the runtime behaviour is the same.
  globalThis.setTimeout = setTimeoutOfActor as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer?: unknown) => {
    // The SDK clears a timer it never set; fake timers would warn of it.
    if (timer === -1) return;
    forget(timer);
    fakeClearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  }) as typeof clearTimeout;
}
