/** What moves virtual time while a function runs. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";

let clock: Clock;
beforeEach(() => {
  clock = virtualClock();
});
afterEach(() => clock.dispose());

/** Work that the clock cannot see, such as a request on a socket. */
async function unseenWork(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("time stands still while a function waits for an answer, even under a deadline of its own", async () => {
  const startMs = clock.now();
  let answeredAtMs = 0;
  const running = clock.actor(async () => {
    const deadline = setTimeout(() => undefined, 1_000).unref();
    await unseenWork();
    clearTimeout(deadline);
    answeredAtMs = clock.now();
  });
  await clock.advance(5_000);
  await running;
  expect(answeredAtMs).toBe(startMs);
});

test("a function that waits for a timer of its own gets on", async () => {
  const startMs = clock.now();
  let wokenAtMs = 0;
  const running = clock.actor(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    wokenAtMs = clock.now();
  });
  await clock.advance(5_000);
  await running;
  expect(wokenAtMs).toBe(startMs + 1_000);
});
