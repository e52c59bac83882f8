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
  if (found.length > 0 || stageShards === 1) return shuffled(found, edge);
  const everywhere = Array.from({ length: stageShards }, (_, other) =>
    stages.page({ ...query, shard: other }),
  );
  return shuffled(distinct((await Promise.all(everywhere)).flat()), edge);
}

/** Callers at once that read the same stages must not try them in the same order. */
function shuffled(stages: PooledStage[], { random }: Tools["edge"]): PooledStage[] {
  const lots = random(stages.length);
  return stages
    .map((stage, at) => ({ stage, lot: lots[at] ?? 0 }))
    .toSorted((one, other) => one.lot - other.lot)
    .map(({ stage }) => stage);
}

const distinct = (stages: PooledStage[]): PooledStage[] => [
  ...new Map(stages.map((stage) => [stage.stageId, stage])).values(),
];

/** After this many stages lost to others, few are left and many want them. */
const MAX_LOST = 8;

/** Another stage to try: those that were read, those that are free by now, and in the end one that nobody else knows. */
export async function nextStage(tools: Tools, candidates: PooledStage[], lost: number): Promise<PooledStage> {
  if (lost >= MAX_LOST) return createdStage(tools);
  if (candidates.length === 0) candidates.push(...(await freeStages(tools)));
  return candidates.shift() ?? createdStage(tools);
}

/** The pool is empty: one more stage, if IVS's 5 a second allow it. */
async function createdStage({ ivs, stages, edge, stageShards }: Tools): Promise<PooledStage> {
  try {
    const shard = (edge.random(1)[0] ?? 0) % stageShards;
    const stage = newStage(await ivs.create(), shard, edge.now(), "reserved");
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
