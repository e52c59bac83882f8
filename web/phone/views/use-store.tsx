/** Stores and time in views. */
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Clock } from "../../../packages/client/src/time/clock.ts";

interface Store<T> {
  state(): T;
  subscribe(listener: () => void): () => void;
}

export const useStore = <T,>(store: Store<T>): T =>
  useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.state(),
  );

/** The server's time, looked at every second while it matters. */
export function useNow(clock: Clock): number {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return now;
}
