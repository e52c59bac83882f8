/** The index of free stages by id: what a call looks into. In a file of its own, so that a request loads no more than this. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type PooledStage, pooledStageSchema } from "../../calls/stage-pool.ts";
import type { Environment } from "../environment.ts";
import { logger } from "../handler.ts";
import { documentClient } from "./dynamodb.ts";

export interface FreeQuery {
  /** From this place on, or back; from the first one on if neither is given. */
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
}

export interface FreeStageIndex {
  /** Free stages in one query. The index may be a moment behind: a lease is conditional. */
  readonly free: (query: FreeQuery) => Promise<PooledStage[]>;
}

export function freeStageIndex({
  AWS_REGION,
  STAGES_TABLE: TableName,
}: Environment<"AWS_REGION" | "STAGES_TABLE">): FreeStageIndex {
  const documents = documentClient(AWS_REGION);
  return {
    async free({ after, before, limit }) {
      const place = after ?? before;
      const side = after === undefined ? "<" : ">";
      const query = new QueryCommand({
        TableName,
        IndexName: "by-pool",
        KeyConditionExpression: `#pool = :free${place === undefined ? "" : ` AND stageId ${side} :place`}`,
        ExpressionAttributeNames: { "#pool": "pool" },
        ExpressionAttributeValues: { ":free": "free", ...(place !== undefined && { ":place": place }) },
        ScanIndexForward: before === undefined,
        Limit: limit,
      });
      const { Items = [] } = await documents.send(query);
      return readable(Items);
    },
  };
}

/** One record that cannot be read must not hold up the others. */
export function readable(items: readonly Record<string, unknown>[]): PooledStage[] {
  return items.flatMap((item) => {
    const { success, data } = pooledStageSchema.safeParse(item);
    if (success) return data;
    logger.error("stage record is not readable", { stageId: item["stageId"] });
    return [];
  });
}
