/** A bounded cache of facts that do not change, or not soon: the least recently used one leaves. */

export interface Remembered<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** All of it. */
  forget(): void;
}

export interface MemoryOptions {
  readonly most: number;
  /** For ever without it. */
  readonly forMs?: number;
  readonly now: () => number;
}

export function remembered<T>({ most, forMs = Number.POSITIVE_INFINITY, now }: MemoryOptions): Remembered<T> {
  const kept = new Map<string, { readonly value: T; readonly untilMs: number }>();
  return {
    forget: () => kept.clear(),
    get(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      kept.delete(key);
      if (now() >= found.untilMs) return undefined;
      kept.set(key, found);
      return found.value;
    },
    set(key, value) {
      kept.delete(key);
      kept.set(key, { value, untilMs: now() + forMs });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
