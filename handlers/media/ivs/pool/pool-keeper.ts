/** The state that the pool's keeper carries from run to run, and its decision on the pool's size. */
import * as z from "zod/mini";

export const keeperStateSchema = z.object({
  /** Stages that the pool should have. It rises with demand and falls only when the operator lowers `maxStages`. */
  goal: z.int().check(z.nonnegative()),
  /** Leases a second over the last minutes. */
  demand: z.number().check(z.nonnegative()),
  /** Free stages at the last count. */
  free: z.int().check(z.nonnegative()),
  countedAtMs: z.int(),
  /** Free stages that the keeper has added since. */
  added: z.int(),
  /** When the next stage becomes free, if known. */
  refillAtMs: z.int(),
  /** IVS's quota of stages is full: the pool does not grow before this. */
  quotaFullUntilMs: z.int(),
  /** The round through all of IVS's stages: where it continues, if under way, and when it began. */
  cursor: z.optional(z.string()),
  roundAtMs: z.int(),
  /** Whether this round sends on calls without participants, and when the last such round began. */
  doubting: z.boolean(),
  doubtedAtMs: z.int(),
  /** When the records were last compared with all that IVS has. */
  comparedAtMs: z.int(),
});
export type KeeperState = z.infer<typeof keeperStateSchema>;

export const INITIAL_STATE: KeeperState = {
  goal: 0,
  demand: 0,
  free: 0,
  countedAtMs: 0,
  added: 0,
  refillAtMs: 0,
  quotaFullUntilMs: 0,
  roundAtMs: 0,
  doubting: false,
  doubtedAtMs: 0,
  comparedAtMs: 0,
};

export interface PoolBounds {
  readonly minStages: number;
  readonly maxStages: number;
}

/** Free stages are short below this many seconds of demand, which outlasts most bursts. */
const RESERVE_SECONDS = 60;
/** Whatever the pool's size, more stages than this are kept free only for a measured demand. */
const MOST_IDLE_RESERVE = 500;
/** How fast the measured demand follows the real one. */
const DEMAND_MEMORY_SECONDS = 30;
/** How long growth stops after IVS has reported a full quota. */
const QUOTA_PAUSE_MS = 60_000;

/** With fewer free stages than this, the pool grows, and the keeper empties stages in every possible way. */
export const reserveOf = ({ demand }: KeeperState, { minStages }: PoolBounds): number =>
  Math.max(Math.min(MOST_IDLE_RESERVE, Math.ceil(minStages / 2)), Math.ceil(demand * RESERVE_SECONDS));

/** Learns the demand from the free stages that are gone since the last count. */
export function withCount(state: KeeperState, free: number, nowMs: number): KeeperState {
  const seconds = (nowMs - state.countedAtMs) / 1_000;
  const counted = { ...state, free, countedAtMs: nowMs, added: 0 };
  if (state.countedAtMs === 0 || seconds <= 0) return counted;
  const rate = Math.max(0, state.free + state.added - free) / seconds;
  const weight = 1 - Math.exp(-seconds / DEMAND_MEMORY_SECONDS);
  return { ...counted, demand: state.demand + (rate - state.demand) * weight };
}

export interface PoolSize extends PoolBounds {
  readonly size: number;
  /** The number of stages that can be made at once. */
  readonly step: number;
}

/** The size to reach now. While IVS's quota is full, the pool does not grow. */
export function goalOf(
  state: KeeperState,
  { size, step, minStages, maxStages }: PoolSize,
  nowMs: number,
): number {
  if (nowMs < state.quotaFullUntilMs) return Math.min(state.goal, maxStages);
  const kept = Math.min(Math.max(state.goal, minStages), maxStages);
  const isShort = state.free < reserveOf(state, { minStages, maxStages });
  return isShort ? Math.max(kept, Math.min(maxStages, size + step)) : kept;
}

/** IVS makes no more stages: the present ones must do. */
export const withFullQuota = (state: KeeperState, size: number, nowMs: number): KeeperState => ({
  ...state,
  goal: size,
  quotaFullUntilMs: nowMs + QUOTA_PAUSE_MS,
});

/** The least and the most that a refused caller is told to wait. */
const RETRY_SECONDS = { min: 1, max: 60 } as const;
/** How often the keeper runs unless it is woken. */
const KEEPER_PERIOD_MS = 60_000;
/** It counts every second while stages are short: a keeper that counted this recently is at work. */
const AT_WORK_MS = 5_000;

/** When to ask for a stage again, from the keeper's state. Without a state, it has never run. */
export function retryAfterSeconds(state: KeeperState | undefined, nowMs: number): number {
  const { refillAtMs, countedAtMs } = state ?? { refillAtMs: 0, countedAtMs: nowMs - KEEPER_PERIOD_MS };
  const atWork = nowMs - countedAtMs < AT_WORK_MS;
  const atMs = atWork ? refillAtMs : Math.max(refillAtMs, countedAtMs + KEEPER_PERIOD_MS);
  const seconds = Math.ceil((atMs - nowMs) / 1_000);
  return Math.min(RETRY_SECONDS.max, Math.max(RETRY_SECONDS.min, seconds));
}
