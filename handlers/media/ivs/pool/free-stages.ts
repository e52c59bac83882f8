/**
 * Finds a free stage: one query from a random place on, and if that finds nothing, one of all. So two queries prove that
 * none is free, as far as the index has followed the table.
 */
import { FEW_STAGES, STAGE_CANDIDATES } from "../quotas.ts";
import { oldestEndpointsMs, type PooledStage } from "./stage-pool.ts";
import type { FreeStageIndex } from "./free-stage-index.ts";
import type { RuntimeInputs } from "../../../edge/handler.ts";

export interface StageFinding {
  readonly stages: FreeStageIndex;
  readonly edge: Pick<RuntimeInputs, "now" | "random">;
}

export interface FoundStages {
  /** In random order. */
  readonly stages: PooledStage[];
  /** The whole pool has few left. */
  readonly low: boolean;
}

const STAGE_ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export async function freeStages({ stages, edge }: StageFinding): Promise<FoundStages> {
  const find = (place: { after?: string; before?: string }): Promise<PooledStage[]> =>
    stages.free({ ...place, limit: STAGE_CANDIDATES, oldestMs: oldestEndpointsMs(edge.now()) });
  const fromHere = await find(randomPlace(edge));
  const found = fromHere.length > 0 ? fromHere : await find({});
  return { stages: shuffled(found, edge), low: fromHere.length < FEW_STAGES };
}

/** Parallel callers rarely start at the same place. From the middle outwards, a query passes at least half of the ids. */
function randomPlace({ random }: Pick<RuntimeInputs, "random">): { after: string } | { before: string } {
  const letters = [...random(2)].map((byte) => Math.floor((byte * STAGE_ID_LETTERS.length) / 256));
  const place = letters.map((letter) => STAGE_ID_LETTERS[letter]).join("");
  return (letters[0] ?? 0) < STAGE_ID_LETTERS.length / 2 ? { after: place } : { before: place };
}

/** Parallel callers that read the same stages must not try them in the same order. */
function shuffled(stages: readonly PooledStage[], { random }: Pick<RuntimeInputs, "random">): PooledStage[] {
  const lots = random(stages.length);
  return stages
    .map((stage, at) => ({ stage, lot: lots[at] ?? 0 }))
    .toSorted((one, other) => one.lot - other.lot)
    .map(({ stage }) => stage);
}
