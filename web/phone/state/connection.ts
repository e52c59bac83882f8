/**
 * Whether calls ring here: they do while live updates flow. A connection that comes back at once is not spoken of, because a phone
 * that changes networks would warn all day.
 */
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { LiveUpdates } from "../../../packages/client/src/wire/live-updates.ts";

/** `offline`: the device has no network. `away`: it has one, and the server does not answer. */
export type ConnectionState = "here" | "offline" | "away";

export interface ConnectionWatch {
  state(): ConnectionState;
  subscribe(listener: () => void): () => void;
}

export interface ConnectionWorld {
  readonly live: Pick<LiveUpdates, "connection" | "onConnection">;
  /** The browser's word on the network. */
  readonly network: { isThere(): boolean; onChange(listener: () => void): void };
  readonly clock: Pick<Clock, "after">;
}

export const QUIET_MS = 3_000;

export function watchConnection({ live, network, clock }: ConnectionWorld): ConnectionWatch {
  const watchers = listeners();
  let state: ConnectionState = "here";
  let callOff: (() => void) | undefined;

  function show(next: ConnectionState): void {
    callOff?.();
    callOff = undefined;
    if (state === next) return;
    state = next;
    watchers.tell();
  }

  function look(): void {
    if (!network.isThere()) return show("offline");
    if (live.connection() === "connected") return show("here");
    // From offline the way leads over the server, which has to answer first.
    if (state === "offline") return show("away");
    callOff ??= clock.after(QUIET_MS, () => show("away"));
  }

  live.onConnection(look);
  network.onChange(look);
  look();
  return { state: () => state, subscribe: (listener) => watchers.subscribe(listener) };
}
