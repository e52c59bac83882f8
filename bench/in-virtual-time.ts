/** Waits for work that itself waits for virtual time. */
import type { Clock } from "../packages/local-aws/src/clock.ts";

const PATIENCE_MS = 60_000;

export async function inVirtualTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  work.then(over, over);
  await clock.until(() => isOver, PATIENCE_MS);
  return work;
}

/** The value, and the time that it took. */
export async function timed<T>(clock: Clock, work: () => Promise<T>): Promise<[T, number]> {
  const fromMs = clock.now();
  let tookMs = 0;
  const measured = work().then((value) => {
    tookMs = clock.now() - fromMs;
    return value;
  });
  const value = await inVirtualTime(clock, measured);
  return [value, tookMs];
}
