/** Who listens to a store: React's useSyncExternalStore, the ringtone, another store. */
export interface Listeners<Told extends unknown[] = []> {
  /** The returned function ends it. */
  subscribe(listener: (...told: Told) => void): () => void;
  /** Each listener hears it, whatever the others do. */
  tell(...told: Told): void;
}

export function listeners<Told extends unknown[] = []>(): Listeners<Told> {
  const those = new Set<(...told: Told) => void>();
  return {
    subscribe(listener) {
      those.add(listener);
      return () => void those.delete(listener);
    },
    tell(...told) {
      for (const listener of those) {
        try {
          listener(...told);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}

interface Platform {
  reportError?(error: unknown): void;
  readonly console: { error(said: unknown): void };
}

/** As a platform reports what a listener of its own throws. Where it has no way to, an app in a call is not ended for it. */
function report(error: unknown): void {
  const platform = globalThis as unknown as Platform; // which types it has differs
  if (platform.reportError) platform.reportError(error);
  else platform.console.error(error);
}
