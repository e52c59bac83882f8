/** A phone whose clock is wrong, or is set while it rings: it goes by the server's time, and by what has passed since. */
import { describe, expect, test } from "vitest";
import { serverClock } from "../../../packages/client/src/time/server-clock.ts";

const SERVER_MS = 1_767_258_000_000;
const MINUTES = 60_000;

/** A device that counts from 5 s after it was started, while the server's clock goes right. */
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
  test("a phone knows the server's time from its first reply on", () => {
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

test("a reply that was long on its way does not set the time back", () => {
  const { clock, server, pass } = device(10 * MINUTES);
  clock.heard(server());
  const sentMs = server();
  pass(8_000);
  clock.heard(sentMs);
  expect(clock.now()).toBe(server());
});

test("after a sleep in which nothing was counted, the next reply sets the time", () => {
  const { clock, server } = device(0);
  clock.heard(server());
  clock.heard(server() + 3_600_000);
  expect(clock.now()).toBe(server() + 3_600_000);
});

test("until a reply has told the time, the device's own clock stands in", () => {
  expect(device(7).clock.now()).toBe(SERVER_MS + 7);
});
