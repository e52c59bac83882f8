/**
 * The pool of stages: `free → leased → resting → free`, and `retiring` on the way out. IVS checks a token only when a
 * participant joins, so the expiry of tokens alone does not empty a stage.
 *
 * S1 A call leases a stage only while it is free, in one conditional write, with endpoints younger than 13 days.
 * S2 A resting stage is free again only if it was seen empty after the last token's expiry.
 * S3 A stage that is to be deleted leaves the pool first (`retiring`), then IVS, and its record goes last: a crash in between
 *    leaves a record that the keeper finds again.
 */
import * as z from "zod/mini";
import { type CallId, callIdSchema } from "../../../../calls/ids.ts";
import { LONGEST_TOKEN_SECONDS } from "../../../../calls/limits.ts";
import { STAGE_ENDPOINTS_DAYS } from "../quotas.ts";
import { type Stage, stageSchema } from "../stage.ts";

export const STAGE_STATUSES = ["free", "leased", "resting", "retiring"] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

export const pooledStageSchema = z.extend(stageSchema, {
  status: z.enum(STAGE_STATUSES),
  endpointsAtMs: z.int(),
  /** The call that holds it or held it last. */
  callId: z.optional(callIdSchema),
  /** Since when it has its present status. */
  sinceMs: z.int(),
  /** Until then a token of the last call could still be used to join. */
  tokensUntilMs: z.int(),
  /** When the keeper has to tend it next. */
  dueAtMs: z._default(z.int(), 0),
});
export type PooledStage = z.infer<typeof pooledStageSchema>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A stage that is still in use this long after its call is replaced, whether stages are wanted or not. */
export const LURKER_GRACE_MS = 10 * MINUTE_MS;
/** After this, and as often again, it is checked whether the call still holds its lease. */
export const LEAK_GRACE_MS = 10 * MINUTE_MS;
/** A stage on which somebody was found is not asked for its participants again before this. */
const RECHECK_MS = 30 * SECOND_MS;

/** Where a record stands in the two indexes: free stages by id, and all stages of a status by the time they are due. */
export interface StagePlace {
  readonly pool: "free" | undefined;
  readonly due: StageStatus;
}
export const placeOf = ({ status }: Pick<PooledStage, "status">): StagePlace => ({
  pool: status === "free" ? "free" : undefined,
  due: status,
});

/** A lease needs endpoints that were read at or after this time. */
export const oldestEndpointsMs = (nowMs: number): number => nowMs - STAGE_ENDPOINTS_DAYS * DAY_MS;
/** A day before they are too old for a lease. */
const endpointsDueMs = (endpointsAtMs: number): number => endpointsAtMs + (STAGE_ENDPOINTS_DAYS - 1) * DAY_MS;

export const newStage = (stage: Stage, nowMs: number): PooledStage =>
  inStatus({ ...stage, endpointsAtMs: nowMs, tokensUntilMs: 0 }, "free", nowMs, endpointsDueMs(nowMs));

/** A stage of this stack without a record: tokens may be out that nobody knows of. */
export function adopted(stage: Stage, nowMs: number, status: "resting" | "retiring"): PooledStage {
  const tokensUntilMs = nowMs + LONGEST_TOKEN_SECONDS * SECOND_MS;
  const dueAtMs = status === "resting" ? tokensUntilMs + 1 : nowMs;
  return inStatus({ ...stage, endpointsAtMs: nowMs, tokensUntilMs }, status, nowMs, dueAtMs);
}

export const leased = (stage: PooledStage, callId: CallId, nowMs: number): PooledStage =>
  inStatus({ ...stage, callId }, "leased", nowMs, nowMs + LEAK_GRACE_MS);

/** The call still holds it. */
export const stillLeased = (stage: PooledStage, nowMs: number): PooledStage => ({
  ...stage,
  dueAtMs: nowMs + LEAK_GRACE_MS,
});

export const rested = (stage: PooledStage, tokensUntilMs: number, nowMs: number): PooledStage =>
  inStatus({ ...stage, tokensUntilMs }, "resting", nowMs, Math.max(tokensUntilMs + 1, nowMs));

/** Somebody is still there. */
export const foundInUse = (stage: PooledStage, nowMs: number): PooledStage => ({
  ...stage,
  dueAtMs: nowMs + RECHECK_MS,
});

export const freed = (stage: PooledStage, nowMs: number): PooledStage =>
  inStatus(stage, "free", nowMs, endpointsDueMs(stage.endpointsAtMs));

export const retired = (stage: PooledStage, nowMs: number): PooledStage =>
  inStatus(stage, "retiring", nowMs, nowMs);

export const refreshed = (stage: PooledStage, endpoints: Stage["endpoints"], nowMs: number): PooledStage => ({
  ...stage,
  endpoints,
  endpointsAtMs: nowMs,
  dueAtMs: endpointsDueMs(nowMs),
});

/** That it was seen empty at `seenAtMs` proves that nobody of its last call can be there (S2). */
export const wouldProve = ({ status, tokensUntilMs, sinceMs }: PooledStage, seenAtMs: number): boolean =>
  status === "resting" && seenAtMs > tokensUntilMs && seenAtMs >= sinceMs;

export const isLurkedOn = ({ sinceMs }: PooledStage, nowMs: number): boolean =>
  nowMs - sinceMs > LURKER_GRACE_MS;

function inStatus(
  stage: Omit<PooledStage, "status" | "sinceMs" | "dueAtMs">,
  status: StageStatus,
  sinceMs: number,
  dueAtMs: number,
): PooledStage {
  return { ...stage, status, sinceMs, dueAtMs };
}
