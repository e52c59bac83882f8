/** What the keeper of the stage pool remembers from run to run, and what it decides from it: how many stages there should be. */
import * as z from "zod/mini";

export const keeperStateSchema = z.object({
  /** Stages that the pool should have. It rises with demand and falls only when the operator lowers `maxStages`. */
  goal: z.int().check(z.nonnegative()),
  /** Calls that leased a stage, a second, over the last minutes. */
  demand: z.number().check(z.nonnegative()),
  /** Free stages when they were counted last. */
  free: z.int().check(z.nonnegative()),
  countedAtMs: z.int(),
  /** Free stages that the keeper has put there since. */
  added: z.int(),
  /** When the next stage becomes free, as far as is known. */
  refillAtMs: z.int(),
  /** IVS's quota of stages is full: the pool does not grow before this. */
  quotaFullUntilMs: z.int(),
  /** The round through all stages that IVS has: where it goes on, if one is under way, and when it began. */
  cursor: z.optional(z.string()),
  roundAtMs: z.int(),
  /** Whether this round passes on calls that nobody is on, and when the last such round began. */
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

/** Below this many seconds of demand, free stages are short. It takes longer than most bursts to be used up. */
const RESERVE_SECONDS = 60;
/** Whatever the pool's size, more than this is kept free only for a demand that was seen. */
const MOST_IDLE_RESERVE = 500;
/** How fast the measured demand follows the real one. */
const DEMAND_MEMORY_SECONDS = 30;
/** How long growth stops after IVS has said that its quota is full. */
const QUOTA_PAUSE_MS = 60_000;

/** With fewer free stages than this, the pool grows, and stages are emptied in every way there is. */
export const reserveOf = ({ demand }: KeeperState, { minStages }: PoolBounds): number =>
  Math.max(Math.min(MOST_IDLE_RESERVE, Math.ceil(minStages / 2)), Math.ceil(demand * RESERVE_SECONDS));

/** Learns the demand from how many free stages are gone since the last count. */
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
  /** How many stages can be made at once. */
  readonly step: number;
}

/** The size to reach now. While IVS's quota is full, no more than there were. */
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

/** IVS makes no more stages: what there is has to do. */
export const withFullQuota = (state: KeeperState, size: number, nowMs: number): KeeperState => ({
  ...state,
  goal: size,
  quotaFullUntilMs: nowMs + QUOTA_PAUSE_MS,
});

/** A refused caller is told no less and no more than this. */
const RETRY_SECONDS = { min: 1, max: 60 } as const;
/** The keeper runs so often when nothing wakes it. */
const KEEPER_PERIOD_MS = 60_000;
/** It counts every second while stages are short: one that has counted so lately is at work. */
const AT_WORK_MS = 5_000;

/** When to ask for a stage again, from what the keeper wrote down. Without that, it has never run. */
export function retryAfterSeconds(state: KeeperState | undefined, nowMs: number): number {
  const { refillAtMs, countedAtMs } = state ?? { refillAtMs: 0, countedAtMs: nowMs - KEEPER_PERIOD_MS };
  const atWork = nowMs - countedAtMs < AT_WORK_MS;
  const atMs = atWork ? refillAtMs : Math.max(refillAtMs, countedAtMs + KEEPER_PERIOD_MS);
  const seconds = Math.ceil((atMs - nowMs) / 1_000);
  return Math.min(RETRY_SECONDS.max, Math.max(RETRY_SECONDS.min, seconds));
}
