/**
 * The pool of stages: `free → leased → resting → free`. IVS checks a token only when a participant joins, so a stage is
 * given to the next call only when the last token's expiry has passed and it was seen empty after that.
 */
import * as z from "zod";
import { stageSchema } from "./call.ts";
import { type CallId, callIdSchema } from "./ids.ts";
import { STAGE_ENDPOINTS_DAYS } from "./limits.ts";

/** `reserved`: made for one admission because the pool was empty, so that no other takes it first. */
export const STAGE_STATUSES = ["free", "reserved", "leased", "resting", "quarantined"] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

export const pooledStageSchema = stageSchema.extend({
  status: z.enum(STAGE_STATUSES),
  /** Key of the index: `<status>#<shard>`. */
  pool: z.string(),
  shard: z.number().int().nonnegative(),
  endpointsAtMs: z.number().int(),
  /** The call that holds it or held it last. */
  callId: callIdSchema.optional(),
  /** Since when it has its present status. */
  sinceMs: z.number().int(),
  /** Until then a token of the last call could still be used to join. */
  tokensUntilMs: z.number().int(),
  /** Whether anybody answered its last call. If not, only the caller may be there, with the token of a call that is over. */
  answered: z.boolean().optional(),
});
export type PooledStage = z.infer<typeof pooledStageSchema>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A stage that is still in use this long after its call is emptied by force and replaced. */
export const LURKER_GRACE_MS = 10 * MINUTE_MS;
/** A stage whose admission did not take it by then is free for all. */
export const RESERVATION_MS = MINUTE_MS;
/** A lease of a call that no longer holds it is taken back after this. */
export const LEAK_GRACE_MS = 10 * MINUTE_MS;

export const poolKey = (status: StageStatus, shard: number): string => `${status}#${shard}`;

/** A lease needs endpoints that were read at or after this time. */
export const oldestEndpointsMs = (nowMs: number): number => nowMs - STAGE_ENDPOINTS_DAYS * DAY_MS;
export const wantsNewEndpoints = (stage: PooledStage, nowMs: number): boolean =>
  stage.endpointsAtMs < oldestEndpointsMs(nowMs) + DAY_MS;

export function newStage(
  stage: z.infer<typeof stageSchema>,
  shard: number,
  nowMs: number,
  status: "free" | "reserved" = "free",
): PooledStage {
  const pool = poolKey(status, shard);
  return { ...stage, status, shard, pool, endpointsAtMs: nowMs, sinceMs: nowMs, tokensUntilMs: 0 };
}

export const leased = (stage: PooledStage, callId: CallId, nowMs: number): PooledStage => ({
  ...inStatus(stage, "leased", nowMs),
  callId,
});

export const rested = (
  stage: PooledStage,
  tokensUntilMs: number,
  nowMs: number,
  answered = true,
): PooledStage => ({
  ...inStatus(stage, "resting", nowMs),
  tokensUntilMs,
  answered,
});

export const freed = (stage: PooledStage, nowMs: number): PooledStage => inStatus(stage, "free", nowMs);

/** What a resting stage needs, given whether anybody is seen on it now. */
export function nextStepOfResting(
  stage: PooledStage,
  inUse: boolean,
  nowMs: number,
): "wait" | "free" | "replace" {
  if (nowMs <= stage.tokensUntilMs) return "wait";
  if (!inUse) return "free";
  return nowMs - stage.sinceMs > LURKER_GRACE_MS ? "replace" : "wait";
}

function inStatus(stage: PooledStage, status: StageStatus, nowMs: number): PooledStage {
  return { ...stage, status, pool: poolKey(status, stage.shard), sinceMs: nowMs };
}
