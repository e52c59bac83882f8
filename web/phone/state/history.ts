/** Past calls, the latest first, and which of the missed ones have not been looked at. */
import type { EndReason } from "../../../events/end-reason.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import type { OwnCalls } from "./people.ts";

export interface HistoryState {
  readonly calls: readonly OwnCall[];
  readonly status: "loading" | "ready" | "failed";
  readonly problem?: Problem | undefined;
  readonly hasMore: boolean;
  /** Missed since the list was last looked at. */
  readonly missed: number;
}

export interface History {
  state(): HistoryState;
  subscribe(listener: () => void): () => void;
  /** The list is read anew. */
  refresh(): void;
  /** A call has ended: the list is read until it is there. The server puts it down a moment after telling of its end. */
  ended(callId: string): void;
  more(): void;
  /** The user looks at the list. */
  looked(): void;
}

export const PAGE_CALLS = 30;

/** When the list was last looked at, kept by the browser. */
export interface SeenMark {
  read(): number;
  write(untilMs: number): void;
}

/** Whether a callee would want to know of the call. */
const MISSED: Readonly<Record<EndReason, boolean>> = {
  missed: true,
  cancelled: true,
  busy: true,
  unreachable: true,
  completed: false,
  declined: false,
  dropped: false,
  removed: false,
  ended_by_operator: false,
  expired: false,
  failed: false,
};
export const isMissed = ({ role, endReason }: Pick<OwnCall, "role" | "endReason">): boolean =>
  role === "callee" && !!endReason && MISSED[endReason];

/** Between readings that wait for a call to be put down. */
const AGAIN_MS = [1_000, 2_000, 4_000, 8_000];

export function openHistory(calls: Pick<OwnCalls, "list">, seen: SeenMark, clock: Clock): History {
  const watchers = listeners();
  let state: HistoryState = { calls: [], status: "loading", hasMore: false, missed: 0 };
  let nextToken: string | undefined;
  let turn = 0;

  function change(next: Partial<HistoryState>): void {
    const changed = { ...state, ...next };
    const since = seen.read();
    const unseen = changed.calls.filter((call) => isMissed(call) && call.createdAtMs > since);
    state = { ...changed, missed: unseen.length };
    watchers.tell();
  }

  async function load(from: string | undefined): Promise<void> {
    turn += 1;
    const mine = turn;
    const page = await calls.list({ limit: PAGE_CALLS, nextToken: from });
    if (mine !== turn) return;
    if (!page.ok) return change({ status: "failed", problem: page.problem });
    nextToken = page.value.nextToken;
    const before = from ? state.calls : [];
    change({
      calls: [...before, ...page.value.items],
      status: "ready",
      problem: undefined,
      hasMore: nextToken !== undefined,
    });
  }

  async function loadUntilThere(callId: string, [waitMs, ...later]: readonly number[]): Promise<void> {
    await load(undefined);
    if (waitMs === undefined || state.calls.some((call) => call.callId === callId)) return;
    clock.after(waitMs, () => void loadUntilThere(callId, later));
  }

  void load(undefined);
  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    refresh: () => void load(undefined),
    ended: (callId) => void loadUntilThere(callId, AGAIN_MS),
    more: () => {
      if (nextToken) void load(nextToken);
    },
    looked() {
      const latest = Math.max(0, ...state.calls.map(({ createdAtMs }) => createdAtMs));
      if (latest <= seen.read()) return;
      seen.write(latest);
      change({});
    },
  };
}
