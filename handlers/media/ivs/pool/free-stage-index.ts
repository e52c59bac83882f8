/** The index of free stages by id, which calls query. In its own file, so that a request loads no more than this. */
import { QueryCommand, type QueryCommandOutput } from "@aws-sdk/lib-dynamodb";
import { type PooledStage, pooledStageSchema } from "./stage-pool.ts";
import type { IvsEnvironment } from "../environment.ts";
import { logger } from "../../../edge/handler.ts";
import { documentClient } from "../../../store/dynamodb.ts";
import { stagesByPool } from "../../../store/tables.ts";

/** Read in one query after the first stages were unusable. */
const PASSED_OVER = 200;

export interface FreeQuery {
  /** From this place onwards or backwards; from the first stage if neither is given. */
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
  /** Only stages whose endpoints were read at or after this time. */
  readonly oldestMs?: number;
}

export interface FreeStageIndex {
  /**
   * Free stages in one query; in more only while all found stages are unusable: too old, or unreadable. The index may be a
   * moment behind: a lease is conditional.
   */
  readonly free: (query: FreeQuery) => Promise<PooledStage[]>;
}

export function freeStageIndex({
  AWS_REGION,
  STAGES_TABLE: TableName,
}: IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">): FreeStageIndex {
  const documents = documentClient(AWS_REGION);
  return {
    async free({ after, before, limit, oldestMs = 0 }) {
      const place = after ?? before;
      const side = after === undefined ? "<" : ">";
      const query = {
        TableName,
        IndexName: stagesByPool.name,
        KeyConditionExpression: `#pool = :free${place === undefined ? "" : ` AND stageId ${side} :place`}`,
        ExpressionAttributeNames: { "#pool": stagesByPool.partitionKey },
        ExpressionAttributeValues: {
          ":free": "free",
          ":oldest": oldestMs,
          ...(place !== undefined && { ":place": place }),
        },
        // DynamoDB filters after reading: the limit also counts the items that are left out.
        FilterExpression: "endpointsAtMs >= :oldest",
        ScanIndexForward: before === undefined,
      };
      let found: PooledStage[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      let Limit = limit;
      do {
        const page: QueryCommandOutput = await documents.send(
          new QueryCommand({ ...query, Limit, ExclusiveStartKey }),
        );
        found = readable(page.Items ?? []);
        ExclusiveStartKey = page.LastEvaluatedKey;
        Limit = PASSED_OVER;
      } while (found.length === 0 && ExclusiveStartKey);
      return found.slice(0, limit);
    },
  };
}

/** An unreadable record must not delay the others. */
export function readable(items: readonly Record<string, unknown>[]): PooledStage[] {
  return items.flatMap((item) => {
    const { success, data } = pooledStageSchema.safeParse(item);
    if (success) return data;
    logger.error("stage record is not readable", { stageId: item["stageId"] });
    return [];
  });
}
