/** Opens what the tests of a file share, or each of them has to itself, and closes it behind them. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

type Open<T> = () => Promise<T>;
/** Keeps what was opened, and prepares it. */
type Take<T> = (opened: T) => unknown;

export function openForAll<T extends AsyncDisposable>(open: Open<T>, take: Take<T>): void {
  let opened: T | undefined;
  beforeAll(async () => {
    opened = await open();
    await take(opened);
  });
  afterAll(async () => opened?.[Symbol.asyncDispose]());
}

export function openForEach<T extends AsyncDisposable>(open: Open<T>, take: Take<T>): void {
  let opened: T | undefined;
  beforeEach(async () => {
    opened = await open();
    await take(opened);
  });
  afterEach(async () => opened?.[Symbol.asyncDispose]());
}
