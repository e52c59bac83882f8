/** How fast a clean-up goes. */
import type { OperationRow } from "./facts.ts";

/** Clients dealt with a second; undefined while nothing can be said. */
export function rateOf({ startedAtMs, endedAtMs, counts }: OperationRow, nowMs: number): string | undefined {
  const seconds = ((endedAtMs ?? nowMs) - startedAtMs) / 1000;
  const done = counts.deleted + counts.alreadyGone + counts.failed;
  if (seconds < 1 || done === 0) return undefined;
  const rate = done / seconds;
  return rate < 10 ? rate.toFixed(1).replace(/\.0$/, "") : String(Math.round(rate));
}

export interface Reason {
  readonly reason: string;
  readonly count: number;
  /** The first of them. */
  readonly clientIds: readonly string[];
}

const SHOWN = 20;

/** The most frequent first. */
export function byReason(
  failures: readonly { readonly clientId: string; readonly reason: string }[],
): Reason[] {
  const reasons = Map.groupBy(failures, ({ reason }) => reason);
  return [...reasons]
    .map(([reason, of]) => ({
      reason,
      count: of.length,
      clientIds: of.slice(0, SHOWN).map(({ clientId }) => clientId),
    }))
    .toSorted((one, other) => other.count - one.count);
}
