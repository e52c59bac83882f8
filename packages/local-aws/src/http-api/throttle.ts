/** The token bucket of a stage. */
import type { Clock } from "../clock.ts";
import type { Stage } from "./apis.ts";

export interface Throttle {
  /** Takes a token; false if there is none. */
  admit(stage: Stage): boolean;
}

export function createThrottle(clock: Clock): Throttle {
  let bucket: { tokens: number; atMs: number } | undefined;
  return {
    admit({ ratePerSecond, burst }) {
      const atMs = clock.now();
      const refilled = bucket ? bucket.tokens + ((atMs - bucket.atMs) / 1000) * ratePerSecond : burst;
      const tokens = Math.min(burst, refilled);
      const admitted = tokens >= 1;
      bucket = { tokens: admitted ? tokens - 1 : tokens, atMs };
      return admitted;
    },
  };
}
