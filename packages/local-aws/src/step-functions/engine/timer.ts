/** Timers of any length that end with the work they belong to, and how times are written. */
import type { Clock } from "../../clock.ts";

/** Timers of JavaScript end at 2^31 ms; waits of Step Functions last up to three years. */
const LONGEST_TIMER_MS = 2_000_000_000;

/** Like `clock.after`, for any delay. */
export function startTimer(clock: Clock, delayMs: number, task: () => void): () => void {
  let cancel: () => void;
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
    cancel = clock.after(stepMs, () => (leftMs > stepMs ? arm(leftMs - stepMs) : task()));
  };
  arm(delayMs);
  return () => cancel();
}

/** Waits; rejects as soon as the signal aborts. */
export async function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = startTimer(clock, delayMs, resolve);
  try {
    await untilAborted(signal, promise);
  } finally {
    cancel();
  }
}

/** The value of `work`, unless the signal aborts first. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  // DOMException AbortError by default: the work that listens to the signal stops without writing anything.
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Times in AWS's ISO 8601: without a fraction if it is zero. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
