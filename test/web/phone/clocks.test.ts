/** A phone whose clock is wrong, or is set while it rings, uses the server's time and the time that has passed since. */
import { describe, expect, test } from "vitest";
import { serverClock } from "../../../packages/client/src/time/server-clock.ts";

const SERVER_MS = 1_767_258_000_000;
const MINUTES = 60_000;

/** A device that was started 5 s ago, while the server's clock is right. */
function device(aheadMs: number) {
  let [passed, setAheadMs] = [0, aheadMs];
  const clock = serverClock({
    counted: () => 5_000 + passed,
    now: () => SERVER_MS + passed + setAheadMs,
    after: () => () => undefined,
  });
  return {
    clock,
    server: () => SERVER_MS + passed,
    pass: (ms: number) => void (passed += ms),
    setClock: (ms: number) => void (setAheadMs = ms),
  };
}

describe.each([-60, -10, 0, 10, 60])("with a clock %i minutes ahead", (minutes) => {
  test("a phone knows the server's time after its first reply", () => {
    const { clock, server, pass, setClock } = device(minutes * MINUTES);
    clock.heard(server());
    expect(clock.now()).toBe(server());
    pass(30_000.6);
    expect(clock.now()).toBe(Math.floor(server()));
    setClock(-minutes * MINUTES);
    pass(10_000);
    expect(clock.now()).toBe(Math.floor(server()));
  });
});

test("a late reply does not set the time back", () => {
  const { clock, server, pass } = device(10 * MINUTES);
  clock.heard(server());
  const sentMs = server();
  pass(8_000);
  clock.heard(sentMs);
  expect(clock.now()).toBe(server());
});

test("after a sleep without counting, the next reply sets the time", () => {
  const { clock, server } = device(0);
  clock.heard(server());
  clock.heard(server() + 3_600_000);
  expect(clock.now()).toBe(server() + 3_600_000);
});

test("before the first reply the device's own clock is used", () => {
  expect(device(7).clock.now()).toBe(SERVER_MS + 7);
});
