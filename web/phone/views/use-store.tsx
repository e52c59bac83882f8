/** Stores and time in views. */
import { useEffect, useState, useSyncExternalStore } from "react";

interface Store<T> {
  state(): T;
  subscribe(listener: () => void): () => void;
}

export const useStore = <T,>(store: Store<T>): T =>
  useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.state(),
  );

/** The time, looked at every second while it matters. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
