/**
 * How often a username may be tried, which keeps passwords and codes from being guessed.
 *
 * L1 The fifth wrong password locks the name out for a second, and each further one for twice as long, up to 15 minutes.
 *    A try during a lockout counts for nothing. The right password, or 15 minutes without a try, starts anew.
 * L2 An hour has 5 tries for codes of one purpose: the fewest that AWS allows (5 to 20, by risk).
 * L3 Names are counted, not users, so that a limit does not tell who exists.
 */
import type { Clock } from "../clock.ts";
import type { AwsError } from "../local-aws.ts";
import { limitExceeded, notAuthorized } from "./refusals.ts";

const lockedOut = (): AwsError => notAuthorized("Password attempts exceeded");

const FREE_FAILURES = 5;
const MAX_LOCKOUT_MS = 15 * 60_000;
const CODE_TRIES = 5;
const HOUR_MS = 3_600_000;
/** Names that are counted at once; the longest known leaves. */
const MAX_NAMES = 10_000;

export interface Attempts {
  /** Tries a password: refused during a lockout, counted if it is wrong. */
  password(name: string, isRight: () => boolean, refusal?: () => AwsError): boolean;
  /** Spends one of the tries of this hour. */
  spend(name: string, purpose: string): void;
}

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  readonly lockedUntilMs: number;
}

export function createAttempts(clock: Clock): Attempts {
  const failures = new Map<string, Failures>();
  const tries = new Map<string, readonly number[]>();
  return {
    password(name, isRight, refusal = lockedOut) {
      const nowMs = clock.now();
      const known = failures.get(name);
      if (known && nowMs < known.lockedUntilMs) throw refusal();
      failures.delete(name);
      if (isRight()) return true;
      const count = known && nowMs - known.lastMs < MAX_LOCKOUT_MS ? known.count + 1 : 1;
      const lockoutMs =
        count < FREE_FAILURES ? 0 : Math.min(MAX_LOCKOUT_MS, 1_000 * 2 ** (count - FREE_FAILURES));
      keep(failures, name, { count, lastMs: nowMs, lockedUntilMs: nowMs + lockoutMs });
      return false;
    },
    spend(name, purpose) {
      const key = `${purpose} ${name}`;
      const recent = (tries.get(key) ?? []).filter((atMs) => clock.now() - atMs < HOUR_MS);
      tries.delete(key);
      keep(tries, key, recent.length < CODE_TRIES ? [...recent, clock.now()] : recent);
      if (recent.length >= CODE_TRIES) throw limitExceeded();
    },
  };
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_NAMES && oldest !== undefined) map.delete(oldest);
}
