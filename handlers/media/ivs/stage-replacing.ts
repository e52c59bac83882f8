/** Empties stages: one participant after another, or by deleting the stage, which the pool's keeper replaces. */
import type { CallId } from "../../../calls/ids.ts";
import type { RuntimeInputs } from "../../edge/handler.ts";
import type { RoomRemovals } from "../port.ts";
import type { IvsEnvironment } from "./environment.ts";
import { freeStages } from "./pool/free-stages.ts";
import { freed, leased, type PooledStage, retired } from "./pool/stage-pool.ts";
import { stageStore, type StageStore } from "./pool/stage-store.ts";
import { REMOVAL_PACE_MS } from "./quotas.ts";
import { namedStage, stageIn } from "./stage.ts";
import { type StageRemovals, stageRemovals } from "./stage-removals.ts";

export interface StageReplacing {
  readonly stages: Pick<StageStore, "read" | "free" | "replace" | "remove">;
  readonly ivs: StageRemovals;
  readonly edge: Pick<RuntimeInputs, "now" | "random">;
}

export const stageReplacing = (
  env: IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">,
  edge: StageReplacing["edge"],
): RoomRemovals => removalsOf({ stages: stageStore(env), ivs: stageRemovals(env), edge });

export const removalsOf = (tools: StageReplacing): RoomRemovals => ({
  paceMs: REMOVAL_PACE_MS,
  returnableMs: 0,
  disconnect: (room, participantId) => tools.ivs.disconnect(namedStage(room).arn, participantId),
  async takeAnother(callId) {
    const { stages, edge } = tools;
    const taken = await leaseFree(tools, callId);
    if (!taken) return undefined;
    return {
      room: stageIn(taken),
      giveBack: async () => void (await stages.replace(taken, freed(taken, edge.now()))),
    };
  },
  async end(room, callId) {
    const { stages, ivs, edge } = tools;
    const { stageId, arn } = namedStage(room);
    const pooled = await stages.read(stageId);
    // A call that has the stage now is not disturbed: it was proved empty before. The stage leaves the pool first, so that it
    // cannot be leased, and its record goes last: the keeper finishes what a crash interrupts.
    const isOurs =
      !pooled || (pooled.callId === callId && (await stages.replace(pooled, retired(pooled, edge.now()))));
    if (!isOurs) return "serves another";
    if ((await ivs.remove(arn)) === "throttled") return "throttled";
    if (pooled) await stages.remove(retired(pooled, edge.now()));
    return "ended";
  },
});

async function leaseFree(tools: StageReplacing, callId: CallId): Promise<PooledStage | undefined> {
  const { stages, edge } = tools;
  for (const free of (await freeStages(tools)).stages) {
    const next = leased(free, callId, edge.now());
    if (await stages.replace(free, next)) return next;
  }
  return undefined;
}
