/** What the views stand in: the live views of the server, the stack that is looked at, and the time. */
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type * as z from "zod/mini";
import type { Stack } from "../state/facts.ts";
import type { Live, LiveViews, Problem } from "../state/live.ts";

export interface World {
  readonly live: LiveViews;
  /** A view once, without a stream. */
  readonly ask: (url: string) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** Undefined: it is done. */
  readonly post: (url: string, body: object) => Promise<Problem | undefined>;
  readonly stack: Stack;
  readonly now: () => number;
}

const WorldContext = createContext<World | undefined>(undefined);
export const InWorld = WorldContext.Provider;

export function useWorld(): World {
  const world = use(WorldContext);
  if (!world) throw new Error("The views stand in InWorld.");
  return world;
}

export interface Watched<View> extends Live<View> {
  readonly again: () => void;
}

export function useLive<View>(url: string, schema: z.ZodMiniType<View>): Watched<View> {
  const { live } = useWorld();
  const view = live(url, schema);
  const now = useSyncExternalStore(view.subscribe, view.snapshot);
  return { ...now, again: view.again };
}

const SECOND = 1_000;

/** The time, each second again: for what counts up. Still when nothing goes on. */
export function useNow(goesOn: boolean): number {
  const { now } = useWorld();
  const [nowMs, tick] = useState(now);
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(() => tick(now()), SECOND);
    return () => clearInterval(timer);
  }, [goesOn, now]);
  return nowMs;
}
