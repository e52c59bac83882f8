/** Watchers of a store: React's useSyncExternalStore, the ringtone, another store. */
export interface Listeners {
  /** The returned function ends it. */
  subscribe(listener: () => void): () => void;
  tell(): void;
}

export function listeners(): Listeners {
  const those = new Set<() => void>();
  return {
    subscribe(listener) {
      those.add(listener);
      return () => void those.delete(listener);
    },
    tell() {
      for (const listener of those) listener();
    },
  };
}
