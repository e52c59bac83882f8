/**
 * Stages that a call could lease, one after another. The lease itself is part of the admission's transaction.
 *
 * L1 A call is refused for want of a stage only after a read that found none. A pool that was empty is read once: two queries.
 * L2 Nobody makes a stage here: that is the keeper's, who has all of what IVS allows.
 */
import { Problem } from "../../../../api/problems.ts";
import type { PooledStage } from "../../../../calls/stage-pool.ts";
import { type FoundStages, freeStages } from "./free-stages.ts";
import { count } from "../../../edge/handler.ts";
import type { Tools } from "../../../rest/tools.ts";

export interface Candidates {
  /** The next one to try, taken out. Throws `no_stage` if none is free. */
  next(): Promise<PooledStage>;
  /** It was not lost: the call could not begin for another reason, and tries it again. */
  giveBack(stage: PooledStage): void;
  /** Few stages were left in the pool. */
  readonly low: boolean;
}

export function candidates(tools: Tools, first: FoundStages): Candidates {
  let { stages, low } = first;
  let foundNone = stages.length === 0;
  return {
    async next() {
      if (stages.length === 0 && !foundNone) {
        // All that were read were lost to others.
        const again = await freeStages(tools);
        [stages, low] = [again.stages, low || again.low];
        foundNone = stages.length === 0;
      }
      const [stage, ...others] = stages;
      if (!stage) throw await noStage(tools);
      stages = others;
      return stage;
    },
    giveBack: (stage) => void (stages = [stage, ...stages]),
    get low() {
      return low;
    },
  };
}

async function noStage({ keeper, edge }: Tools): Promise<Problem> {
  count("StagePoolEmpty");
  // Loaded only then. Without an answer of the table, a refusal is a refusal all the same.
  const { retryAfterSeconds } = await import("../../../../calls/pool-keeper.ts");
  const state = await keeper.read().catch(() => undefined);
  return new Problem("no_stage", "no stage is free", {
    retryAfterSeconds: retryAfterSeconds(state, edge.now()),
  });
}
