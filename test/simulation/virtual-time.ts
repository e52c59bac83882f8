/**
 * The time of a simulation: a queue of what happens when. All work between two moments is done by promises alone, so one turn of
 * the event loop after each moment is enough for everything that follows from it. The clock and the timers of the process are
 * replaced: JSONata reads the one, and deadlines of functions use the others.
 */
import type { Clock } from "../../packages/local-aws/src/clock.ts";

export interface VirtualTime extends Disposable {
  readonly now: () => number;
  /** Runs `task` then; the returned function cancels it. Of two at one moment, the first that was set runs first. */
  readonly at: (atMs: number, task: () => void) => () => void;
  readonly sleep: (durationMs: number) => Promise<void>;
  /** Runs all that is due until then. */
  advanceTo(endMs: number): Promise<void>;
  /** For the engine of Step Functions. */
  readonly clock: Clock;
}

interface Moment {
  readonly atMs: number;
  readonly order: number;
  task: (() => void) | undefined;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const isBefore = (one: Moment, other: Moment): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

export function virtualTime(startMs: number): VirtualTime {
  const queue = momentQueue();
  let nowMs = startMs;
  const now = (): number => nowMs;
  const restoreDate = replaceDate(now);
  const at: VirtualTime["at"] = (atMs, task) => queue.add(Math.max(nowMs, Math.ceil(atMs)), task);
  const restoreTimers = replaceTimers((delayMs, task) => at(nowMs + delayMs, task));
  const sleep = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void at(nowMs + durationMs, resolve));
  async function advanceTo(endMs: number): Promise<void> {
    await turn();
    for (let next = queue.next(endMs); next; next = queue.next(endMs)) {
      if (next.atMs > nowMs) nowMs = next.atMs;
      next.task?.();
      await turn();
    }
    if (endMs > nowMs) nowMs = endMs;
  }
  return {
    now,
    at,
    sleep,
    advanceTo,
    clock: {
      virtual: true,
      now,
      after: (delayMs, task) => at(nowMs + delayMs, task),
      hold: (work) => work(),
      actor: (work) => work(),
      settle: turn,
      advance: (durationMs) => advanceTo(nowMs + durationMs),
      until: () => Promise.reject(new Error("a simulation moves its time itself")),
      dispose: () => undefined,
    },
    [Symbol.dispose]() {
      restoreDate();
      restoreTimers();
    },
  };
}

function replaceDate(now: () => number): () => void {
  const RealDate = globalThis.Date;
  class SimulatedDate extends RealDate {
    constructor(...given: readonly [] | readonly [number | string | Date]) {
      super(given.length === 0 ? now() : given[0]);
    }
    static override now(): number {
      return now();
    }
  }
  // Its further constructor signatures are not used.
  globalThis.Date = SimulatedDate as DateConstructor;
  return () => void (globalThis.Date = RealDate);
}

interface Timer {
  readonly cancel: () => void;
  readonly unref: () => Timer;
}

/** Timers that a run leaves behind end with it. */
function replaceTimers(after: (delayMs: number, task: () => void) => () => void): () => void {
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  const set = (task: () => void, delayMs = 0): Timer => {
    const timer: Timer = { cancel: after(delayMs, task), unref: () => timer };
    return timer;
  };
  const clear = (timer?: Partial<Timer> & Parameters<typeof realClear>[0]): void =>
    timer?.cancel ? timer.cancel() : realClear(timer);
  // What the functions use of them: their further overloads are not.
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => void Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear });
}

/** A binary heap. Cancelled moments stay in it without a task. */
function momentQueue() {
  const heap: Moment[] = [];
  let order = 0;

  function swap(one: number, other: number): void {
    [heap[one], heap[other]] = [heap[other] as Moment, heap[one] as Moment];
  }

  function rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at] as Moment, heap[parent] as Moment)) return;
      swap(at, parent);
      at = parent;
    }
  }

  function sink(): void {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heap.length && isBefore(heap[left] as Moment, heap[least] as Moment)) least = left;
      if (right < heap.length && isBefore(heap[right] as Moment, heap[least] as Moment)) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  }

  function pop(): Moment | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (heap.length > 0 && last) {
      heap[0] = last;
      sink();
    }
    return first;
  }

  return {
    add(atMs: number, task: () => void): () => void {
      const moment: Moment = { atMs, order: order++, task };
      heap.push(moment);
      rise(heap.length - 1);
      return () => void (moment.task = undefined);
    },
    /** The next one that is due by then and not cancelled. */
    next(endMs: number): Moment | undefined {
      for (let [first] = heap; first && first.atMs <= endMs; [first] = heap) {
        pop();
        if (first.task) return first;
      }
      return undefined;
    },
  };
}
