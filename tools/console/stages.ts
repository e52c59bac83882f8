/** `stages`: the pool as the table has it. */
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { KEEPER_ROW } from "../../handlers/store/tables.ts";
import { type PooledStage, pooledStageSchema } from "../../handlers/media/ivs/pool/stage-pool.ts";
import type { Reading } from "./reading.ts";
import type { StagesView } from "./views.ts";

const MOST_STAGES = 1_000;

export async function readStages(reading: Reading): Promise<StagesView> {
  const stages = await storedStages(reading);
  const counts = { free: 0, leased: 0, resting: 0, retiring: 0 };
  for (const { status } of stages) counts[status] += 1;
  return {
    maxStages: reading.stack.maxStages,
    counts,
    stages: stages.map(({ stageId, status: state, callId, tokensUntilMs }) => ({
      stageId,
      state,
      ...(callId && { callId }),
      ...(state === "resting" && { restsUntilMs: tokensUntilMs }),
    })),
  };
}

async function storedStages({ documents, stack }: Reading): Promise<PooledStage[]> {
  const found: PooledStage[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const scan: ScanCommand = new ScanCommand({
      TableName: stack.tables.stages,
      Limit: MOST_STAGES - found.length,
      ExclusiveStartKey: after,
    });
    const { Items = [], LastEvaluatedKey } = await documents.send(scan);
    const records = Items.filter(({ stageId }) => stageId !== KEEPER_ROW);
    found.push(...records.flatMap((item) => pooledStageSchema.safeParse(item).data ?? []));
    after = LastEvaluatedKey;
  } while (after && found.length < MOST_STAGES);
  return found.toSorted((one, other) => one.stageId.localeCompare(other.stageId));
}
