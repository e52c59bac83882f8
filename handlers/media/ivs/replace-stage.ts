/**
 * Replaces a stage: it is deleted with everybody on it, and the pool's keeper makes another. A call that goes on moves to one of
 * the pool before; its phones lose the old stage and come back by `rejoinCall`, which those who were removed cannot.
 */
import { isOver, type Stage } from "../../../calls/call.ts";
import { moveTo } from "../../../calls/move.ts";
import { done, type KnownStage, type Removal } from "../../../calls/removals.ts";
import { freed, leased, type PooledStage, retired } from "../../../calls/stage-pool.ts";
import type { RemovalStore } from "../../store/removal-store.ts";
import type { StageRemovals } from "./stage-removals.ts";
import type { StageStore } from "./pool/stage-store.ts";
import { type CallChanging, changeCall } from "../../call/change-call.ts";
import { freeStages } from "./pool/free-stages.ts";
import { type Edge, logger } from "../../edge/handler.ts";

export interface StageReplacing extends CallChanging {
  readonly stages: Pick<StageStore, "read" | "free" | "replace" | "remove">;
  readonly ivs: Pick<StageRemovals, "remove">;
  readonly removals: Pick<RemovalStore, "replace">;
  readonly edge: Pick<Edge, "now" | "random">;
}

/** Safe to repeat after a crash at any point: the removal stays due until its stage is gone. */
export async function replaceStage(
  tools: StageReplacing,
  known: KnownStage,
  { stage: { stageId, arn } }: Removal,
): Promise<"replaced" | "not needed" | "no other is free" | "throttled"> {
  const { stages, ivs, edge } = tools;
  const { call } = known;
  const isInUse = !isOver(call) && call.stage?.stageId === stageId;
  if (isInUse && !(await move(tools, known))) return "no other is free";
  const pooled = await stages.read(stageId);
  // Whoever has it now is not disturbed: it was proved empty before. It leaves the pool first, so that nobody leases it, and
  // its record goes last: the keeper finishes what a crash interrupts.
  const isOurs =
    !pooled || (pooled.callId === call.callId && (await stages.replace(pooled, retired(pooled, edge.now()))));
  if (isOurs && (await ivs.remove(arn)) === "throttled") return "throttled";
  if (isOurs && pooled) await stages.remove(retired(pooled, edge.now()));
  await closeRemovals(tools, known, stageId, isOurs ? "replaced" : "not_needed");
  logger.info(isOurs ? "stage replaced" : "stage serves another call", { callId: call.callId, stageId });
  return isOurs ? "replaced" : "not needed";
}

/** All that wait for this stage. */
async function closeRemovals(
  { removals, edge }: StageReplacing,
  known: KnownStage,
  stageId: string,
  outcome: "replaced" | "not_needed",
): Promise<void> {
  const waiting = [...known.removals.values()].filter(
    ({ stage, dueAtMs }) => stage.stageId === stageId && dueAtMs !== undefined,
  );
  for (const one of waiting) await removals.replace(one, done(one, outcome), edge.now());
}

/** False if no stage is free. */
async function move(tools: StageReplacing, { call }: KnownStage): Promise<boolean> {
  const { stages, edge } = tools;
  const taken = await leaseFree(tools, call.callId);
  if (!taken) return false;
  const { stageId, arn, endpoints } = taken;
  const stage: Stage = { stageId, arn, endpoints };
  const moved = await changeCall(tools, call.callId, moveTo(call.stage, stage), edge.now());
  // It has ended meanwhile: the old stage is nobody's, and the other is not needed.
  if (moved?.kind !== "changed") await stages.replace(taken, freed(taken, edge.now()));
  return true;
}

async function leaseFree(tools: StageReplacing, callId: Removal["callId"]): Promise<PooledStage | undefined> {
  const { stages, edge } = tools;
  for (const free of (await freeStages(tools)).stages) {
    const next = leased(free, callId, edge.now());
    if (await stages.replace(free, next)) return next;
  }
  return undefined;
}
