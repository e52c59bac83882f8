/** The stages table: the pool of stages that calls lease. */
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { poolKey, type PooledStage, pooledStageSchema, type StageStatus } from "../../calls/stage-pool.ts";
import type { Environment } from "../environment.ts";
import { documentClient, heldCondition } from "./dynamodb.ts";

export interface StageStore {
  read(stageId: string): Promise<PooledStage | undefined>;
  /** Stages of one shard in id order, from `after` on. The index may be a moment behind: a lease is conditional. */
  page(query: { status: StageStatus; shard: number; after?: string; limit?: number }): Promise<PooledStage[]>;
  add(stage: PooledStage): Promise<void>;
  /** Writes `next` only if the stage still has the status and call it was read with. */
  replace(previous: PooledStage, next: PooledStage): Promise<boolean>;
  remove(stage: PooledStage): Promise<boolean>;
}

export function stageStore({
  AWS_REGION,
  STAGES_TABLE: TableName,
}: Environment<"AWS_REGION" | "STAGES_TABLE">): StageStore {
  const documents = documentClient(AWS_REGION);
  return {
    async read(stageId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { stageId }, ConsistentRead: true }),
      );
      return Item && pooledStageSchema.parse(Item);
    },
    async page({ status, shard, after = " ", limit }) {
      const query = new QueryCommand({
        TableName,
        IndexName: "by-pool",
        KeyConditionExpression: "#pool = :pool AND stageId > :after",
        ExpressionAttributeNames: { "#pool": "pool" },
        ExpressionAttributeValues: { ":pool": poolKey(status, shard), ":after": after },
        Limit: limit,
      });
      const { Items = [] } = await documents.send(query);
      return Items.map((item) => pooledStageSchema.parse(item));
    },
    async add(stage) {
      await documents.send(
        new PutCommand({ TableName, Item: stage, ConditionExpression: "attribute_not_exists(stageId)" }),
      );
    },
    replace: (previous, next) =>
      heldCondition(documents.send(new UpdateCommand({ TableName, ...rewrite(previous, next) }))),
    remove: (stage) =>
      heldCondition(
        documents.send(
          new DeleteCommand({ TableName, Key: { stageId: stage.stageId }, ...unchanged(stage) }),
        ),
      ),
  };
}

/** Sets everything that can change in the life of a stage. */
function rewrite(previous: PooledStage, next: PooledStage) {
  const { stageId, ...rest } = next;
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  const held = unchanged(previous);
  return {
    ...held,
    Key: { stageId },
    UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :next_${name}`).join(", ")}`,
    ExpressionAttributeNames: {
      ...held.ExpressionAttributeNames,
      ...Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ...held.ExpressionAttributeValues,
      ...Object.fromEntries(entries.map(([name, value]) => [`:next_${name}`, value])),
    },
  };
}

function unchanged({ status, callId }: PooledStage) {
  return {
    ConditionExpression: `#status = :status AND ${callId ? "callId = :callId" : "attribute_not_exists(callId)"}`,
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":status": status, ...(callId && { ":callId": callId }) },
  };
}
