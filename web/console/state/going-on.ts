/**
 * A filter that found nothing on its first page goes on by itself, page by page, until it has found something, has come to the
 * end, or is told to stop. It says how far it has looked.
 */
import * as z from "zod/mini";
import { type CallRow, type CallsFacts, callsSchema } from "./facts.ts";
import { type Problem, problemOf } from "./live.ts";

export interface GoneOn {
  readonly step: "looking" | "found" | "at-the-end" | "stopped" | "refused";
  readonly calls: readonly CallRow[];
  readonly lookedAt: number;
  readonly lookedBackToMs?: number | undefined;
  /** Where it would go on. */
  readonly nextPage?: string | undefined;
  readonly problem?: Problem;
}

export interface GoingOn {
  readonly subscribe: (changed: () => void) => () => void;
  readonly snapshot: () => GoneOn;
  readonly stop: () => void;
}

export interface GoingOnWorld {
  ask(url: string): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Of the page that begins there. */
  readonly urlOf: (page: string) => string;
}

/** Begins with the first who looks, and ends with the last. */
export function goOn(world: GoingOnWorld, first: CallsFacts): GoingOn {
  const watchers = new Set<() => void>();
  let now: GoneOn = { ...first, step: first.nextPage === undefined ? "at-the-end" : "looking" };
  let isGoing = false;
  const change = (next: Partial<GoneOn>): void => {
    now = { ...now, ...next };
    for (const watcher of watchers) watcher();
  };
  async function lookOn(page: string): Promise<void> {
    const { status, body } = await world.ask(world.urlOf(page));
    const view = z.safeParse(callsSchema, body);
    if (now.step !== "looking") return;
    if (status >= 400 || !view.success) return change({ step: "refused", problem: problemOf(body) });
    const { calls, nextPage, lookedAt, lookedBackToMs = now.lookedBackToMs } = view.data;
    const step = calls.length > 0 ? "found" : nextPage === undefined ? "at-the-end" : "looking";
    change({ step, calls, nextPage, lookedBackToMs, lookedAt: now.lookedAt + lookedAt });
  }
  async function run(): Promise<void> {
    isGoing = true;
    while (now.step === "looking" && now.nextPage !== undefined && watchers.size > 0)
      await lookOn(now.nextPage);
    isGoing = false;
  }
  return {
    subscribe(changed) {
      watchers.add(changed);
      if (!isGoing) void run();
      return () => void watchers.delete(changed);
    },
    snapshot: () => now,
    stop: () => change({ step: "stopped" }),
  };
}
