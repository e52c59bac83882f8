/** What one decides about being called: do not disturb, and whom one blocks. */
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import type { Outcome, Problem } from "../../../packages/client/src/wire/problem.ts";
import type { Asked, Settings } from "../../../packages/client/src/wire/replies.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";

export interface PeaceState {
  /** Undefined while calls ring. */
  readonly silentUntilMs?: number | undefined;
  readonly blocked: ReadonlySet<string>;
  readonly busy: boolean;
  readonly problem?: Problem | undefined;
}

export interface Peace {
  state(): PeaceState;
  subscribe(listener: () => void): () => void;
  /** Null lets calls ring again. */
  silence(untilMs: number | null): void;
  block(clientId: string, blocked: boolean): void;
  /** Another phone of the same person may have changed it meanwhile. */
  refresh(): void;
}

export function openPeace(commands: Commands, clock: Clock, clientId: string): Peace {
  const watchers = listeners();
  let state: PeaceState = { blocked: new Set(), busy: true };
  let callOff: (() => void) | undefined;

  function change(next: Partial<PeaceState>): void {
    state = { ...state, ...next };
    watchers.tell();
  }

  function show({ doNotDisturbUntilMs, blockedIds }: Settings): void {
    callOff?.();
    const leftMs = (doNotDisturbUntilMs ?? 0) - clock.now();
    const silentUntilMs = leftMs > 0 ? doNotDisturbUntilMs : undefined;
    change({ silentUntilMs, blocked: new Set(blockedIds), busy: false, problem: undefined });
    if (leftMs > 0)
      callOff = clock.after(Math.min(leftMs, MAX_TIMER_MS), () => change({ silentUntilMs: undefined }));
  }

  async function ask(action: SettingsAction, input: object): Promise<void> {
    change({ busy: true });
    const outcome: Outcome<Settings> = await commands.send(action, { clientId, ...input });
    if (outcome.ok) show(outcome.value);
    else change({ busy: false, problem: outcome.problem });
  }

  void ask("getClient", {});
  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    silence: (untilMs) => void ask("setDoNotDisturb", { untilMs }),
    block: (blockedId, blocked) => void ask(blocked ? "blockClient" : "unblockClient", { blockedId }),
    refresh: () => void ask("getClient", {}),
  };
}

type SettingsAction = Extract<Asked, "getClient" | "setDoNotDisturb" | "blockClient" | "unblockClient">;
/** A browser's timers take no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Eight in the morning: of this day while it is still night, else of the next. */
export const morningAfter = (nowMs: number): number => nextClockTime(nowMs, 8, 0);

/** The next time that a clock shows this, "14:30": today or tomorrow. Undefined for what is no time. */
export function nextTime(nowMs: number, shown: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(shown) ?? [];
  return hours === undefined ? undefined : nextClockTime(nowMs, Number(hours), Number(minutes));
}

function nextClockTime(nowMs: number, hours: number, minutes: number): number {
  const at = new Date(nowMs);
  at.setHours(hours, minutes, 0, 0);
  if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
  return at.getTime();
}
