/** Finds stages that a call could lease. The lease itself is part of the admission's transaction. */
import { newStage, type PooledStage } from "../../calls/stage-pool.ts";
import { STAGE_CANDIDATES } from "../../calls/limits.ts";
import { Problem } from "../../calls/problems.ts";
import { count } from "../handler.ts";
import type { Tools } from "./tools.ts";

const STAGE_ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A few free stages of one random shard, from a random place on, so that callers at once rarely want the same. */
export async function freeStages({ stages, edge, stageShards }: Tools): Promise<PooledStage[]> {
  const [shardByte = 0, placeByte = 0] = edge.random(2);
  const shard = shardByte % stageShards;
  const after = STAGE_ID_LETTERS[placeByte % STAGE_ID_LETTERS.length] ?? "0";
  const query = { status: "free", shard, limit: STAGE_CANDIDATES } as const;
  const [fromHere, fromStart] = await Promise.all([stages.page({ ...query, after }), stages.page(query)]);
  const found = distinct([...fromHere, ...fromStart]);
  if (found.length > 0 || stageShards === 1) return found;
  const everywhere = Array.from({ length: stageShards }, (_, other) =>
    stages.page({ ...query, shard: other }),
  );
  return distinct((await Promise.all(everywhere)).flat());
}

const distinct = (stages: PooledStage[]): PooledStage[] => [
  ...new Map(stages.map((stage) => [stage.stageId, stage])).values(),
];

/** The pool is empty: one more stage, if IVS's 5 a second allow it. */
export async function createdStage({ ivs, stages, edge, stageShards }: Tools): Promise<PooledStage> {
  try {
    const shard = (edge.random(1)[0] ?? 0) % stageShards;
    const stage = newStage(await ivs.create(), shard, edge.now());
    await stages.add(stage);
    count("StagePoolEmpty");
    return stage;
  } catch (cause) {
    throw new Problem("no_stage", "no stage is free and none could be created", {
      retryAfterSeconds: 1,
      cause,
    });
  }
}
