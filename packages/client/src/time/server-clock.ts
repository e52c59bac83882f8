/**
 * The server's clock on a device whose own may be wrong, and may be set while a phone rings: what replies and updates say
 * (`serverNowMs`), carried on by a clock that only counts.
 *
 * A reading is late by its way here, and never early. So the reading that puts the server furthest ahead is the best one.
 * That holds after a sleep, too, in which the counting clock may stand still.
 */
import type { Clock } from "./clock.ts";

export interface ServerClock extends Clock {
  /** A reply has just said what time it is. */
  heard(serverNowMs: number): void;
  isKnown(): boolean;
}

/** The clocks of a device. */
export interface Device extends Pick<Clock, "after"> {
  /** Counts milliseconds from anywhere, whatever the device's clock is set to. */
  counted(): number;
  /** The device's clock: stands in until the first reply. */
  now(): number;
}

/** `set` is called when the first reply has moved the time that was guessed, with how far. */
export function serverClock(device: Device, set: (byMs: number) => void = () => undefined): ServerClock {
  const guessMs = device.now() - device.counted();
  let aheadMs: number | undefined;
  return {
    now: () => Math.floor(device.counted() + (aheadMs ?? guessMs)),
    heard(serverNowMs) {
      const before = aheadMs;
      aheadMs = Math.max(aheadMs ?? Number.NEGATIVE_INFINITY, serverNowMs - device.counted());
      if (before === undefined) set(aheadMs - guessMs);
    },
    isKnown: () => aheadMs !== undefined,
    after: (ms, callback) => device.after(ms, callback),
  };
}
