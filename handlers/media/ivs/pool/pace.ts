/**
 * How fast the keeper asks IVS, each operation by itself: so many requests a second. One that IVS throttles is left alone for a
 * while, longer each time, and comes back with one request a second until that is answered; the others go on.
 */
import { KEEPER_A_SECOND } from "../quotas.ts";

export type IvsOperation = keyof typeof KEEPER_A_SECOND;

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 16_000;

export interface Pace {
  /** A second begins. */
  begin(nowMs: number): void;
  /** Requests that may still be made in this second. */
  left(operation: IvsOperation): number;
  /** Takes one; false if none is left. */
  take(operation: IvsOperation): boolean;
  /** At most so many in this second. */
  limit(operation: IvsOperation, most: number): void;
  throttled(operation: IvsOperation, nowMs: number): void;
  answered(operation: IvsOperation, nowMs: number): void;
}

export function openPace(): Pace {
  const operations = Object.keys(KEEPER_A_SECOND) as IvsOperation[]; // Object.keys forgets the key type
  const left = new Map<IvsOperation, number>();
  const slow = new Map<IvsOperation, { backoffMs: number; untilMs: number }>();
  const leftOf = (operation: IvsOperation): number => left.get(operation) ?? 0;
  return {
    begin(nowMs) {
      for (const operation of operations) {
        const { untilMs } = slow.get(operation) ?? {};
        if (untilMs === undefined) left.set(operation, KEEPER_A_SECOND[operation]);
        else left.set(operation, nowMs < untilMs ? 0 : 1);
      }
    },
    left: leftOf,
    take(operation) {
      if (leftOf(operation) < 1) return false;
      left.set(operation, leftOf(operation) - 1);
      return true;
    },
    limit: (operation, most) => void left.set(operation, Math.min(most, leftOf(operation))),
    throttled(operation, nowMs) {
      const before = slow.get(operation)?.backoffMs ?? FIRST_BACKOFF_MS / 2;
      const isNew = nowMs >= (slow.get(operation)?.untilMs ?? 0);
      const backoffMs = isNew ? Math.min(LONGEST_BACKOFF_MS, before * 2) : before;
      slow.set(operation, { backoffMs, untilMs: nowMs + backoffMs });
      left.set(operation, 0);
    },
    answered(operation, nowMs) {
      // Of several at once some may be answered and others throttled: only one that was made after the pause counts.
      if (nowMs >= (slow.get(operation)?.untilMs ?? 0)) slow.delete(operation);
    },
  };
}
