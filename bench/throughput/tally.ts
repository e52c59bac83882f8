/** The outcomes of a run's calls, minute by minute. */
export interface Tally {
  readonly offered: number[];
  readonly served: number[];
  readonly refused: number[];
  /** Refused for a reason other than no_stage, which should not happen. */
  readonly failed: number[];
  /** Since the start of the run. Undefined if all were served. */
  firstRefusalMs?: number;
}

/** `no_stage` and the other outcomes of a request. */
export type Outcome = "served" | "refused" | "failed";

export const newTally = (minutes: number): Tally => ({
  offered: zeros(minutes),
  served: zeros(minutes),
  refused: zeros(minutes),
  failed: zeros(minutes),
});

const zeros = (minutes: number): number[] => Array.from({ length: Math.max(1, Math.ceil(minutes)) }, () => 0);

/** A call counts in the minute of its request. */
export function count(tally: Tally, atMs: number, outcome: Outcome): void {
  const minute = Math.floor(atMs / 60_000);
  for (const counts of [tally.offered, tally[outcome]]) counts[minute] = (counts[minute] ?? 0) + 1;
  if (outcome === "refused") tally.firstRefusalMs = Math.min(tally.firstRefusalMs ?? Infinity, atMs);
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);

/** Calls a second from minute `from` on, when the full pool at the start has no effect any more. */
export function lasting(counts: readonly number[], from: number): number {
  const some = counts.slice(from);
  return some.length === 0 ? 0 : total(some) / (some.length * 60);
}
