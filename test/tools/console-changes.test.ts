/** When the console reads its views again. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../../packages/local-aws/src/clock.ts";
import { type Changes, listening, polling } from "../../tools/console/changes.ts";
import { createLive } from "../../tools/console/live.ts";

let clock: Clock;
let looks: number[];
let written: string[];
beforeEach(() => {
  clock = virtualClock(0);
  [looks, written] = [[], []];
});
afterEach(() => clock.dispose());

function watch(changes: Changes, read: () => Promise<unknown>) {
  const live = createLive(changes);
  const looked = async (): Promise<unknown> => {
    looks.push(clock.now());
    return read();
  };
  return live.watch("view", looked, ({ event, data }) => void written.push(`${event ?? "view"} ${data}`));
}

function throttle(): never {
  throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
}

test("a deployed stack is read every two seconds while a view is watched", async () => {
  const end = watch(polling(clock), async () => looks.length);
  await clock.advance(5_000);
  expect(looks).toEqual([0, 2_000, 4_000]);
  end?.();
  await clock.advance(60_000);
  expect(looks).toHaveLength(3);
});

test("a stack that throttles is read after longer and longer pauses, and the last view stays", async () => {
  const end = watch(polling(clock), async () =>
    looks.length === 2 || looks.length === 3 ? throttle() : "seen",
  );
  await clock.advance(20_000);
  expect(looks).toEqual([0, 2_000, 6_000, 14_000, 16_000, 18_000, 20_000]);
  expect(written).toEqual(['view "seen"']);
  end?.();
});

test("a runtime with runtimeEvents is read after an event, once for several", async () => {
  const listeners = new Set<() => void>();
  const changes = listening(clock, (happened) => {
    listeners.add(happened);
    return () => void listeners.delete(happened);
  });
  const happen = (): void => listeners.forEach((happened) => happened());
  const end = watch(changes, async () => looks.length);
  await clock.advance(10_000);
  expect(looks).toEqual([0]);
  for (const _step of [1, 2, 3]) happen();
  await clock.advance(50);
  happen();
  await clock.advance(10_000);
  expect(looks).toEqual([0, 10_100]);
  end?.();
  expect(listeners.size).toBe(0);
});
