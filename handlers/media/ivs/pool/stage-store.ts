/**
 * The stages table: the pool of stages that calls lease. Two indexes follow it within a moment: free stages by id, and all
 * stages of a status by the time they are due. Each has one partition for a status: a call costs each 2 writes, 500 a second
 * at 250 calls a second, and a partition takes 1,000.
 */
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { placeOf, type PooledStage, pooledStageSchema, type StageStatus } from "./stage-pool.ts";
import type { IvsEnvironment } from "../environment.ts";
import { documentClient, heldCondition } from "../../../store/dynamodb.ts";
import { stagesByDue } from "../../../store/tables.ts";
import { type FreeStageIndex, freeStageIndex, readable } from "./free-stage-index.ts";

/** A stage as in the index of due stages. */
export interface DueStage {
  readonly stageId: string;
  readonly dueAtMs: number;
}

export interface StageRecords {
  readonly stages: ReadonlyMap<string, PooledStage>;
  /** Records whose place in an index does not match their status. */
  readonly misplaced: readonly PooledStage[];
  /** Ids that certainly have no record. */
  readonly missing: readonly string[];
  /** Ids of records that cannot be read. */
  readonly unreadable: readonly string[];
}

export interface DueQuery {
  readonly untilMs?: number;
  /** Only later ones, the latest first. */
  readonly fromMs?: number;
  readonly limit: number;
}

export interface StageStore extends FreeStageIndex {
  read(stageId: string): Promise<PooledStage | undefined>;
  /** At most 100, perhaps a moment old: writes that follow from them are conditional. */
  readMany(stageIds: readonly string[]): Promise<StageRecords>;
  /** Stages of a status, those due first at the front. */
  due(status: StageStatus, query: DueQuery): Promise<DueStage[]>;
  /** The ids of all stages of a status. */
  ids(status: StageStatus): Promise<string[]>;
  /** The number of stages of a status; counting stops at the limit. */
  count(status: StageStatus, limit?: number): Promise<number>;
  /** False if the stage has a record. */
  add(stage: PooledStage): Promise<boolean>;
  /** Writes `next` only if the stage still has the status and call it was read with. */
  replace(previous: PooledStage, next: PooledStage): Promise<boolean>;
  remove(stage: PooledStage): Promise<boolean>;
}

type Item = Record<string, unknown>;

/** Requests for the rest of a batch that DynamoDB did not answer at once. */
const MAX_BATCH_READS = 3;

export function stageStore({
  AWS_REGION,
  STAGES_TABLE: TableName,
}: IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">): StageStore {
  const documents = documentClient(AWS_REGION);
  return {
    async read(stageId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { stageId }, ConsistentRead: true }),
      );
      return Item && pooledStageSchema.parse(Item);
    },
    async readMany(stageIds) {
      const { items, unanswered } = await readBatch(documents, TableName, stageIds);
      const found = new Set(items.map((item) => item["stageId"]));
      const stages = readable(items);
      const known = new Set(stages.map(({ stageId }) => stageId));
      const placed = new Map(items.map((item) => [item["stageId"], item]));
      return {
        stages: new Map(stages.map((stage) => [stage.stageId, stage])),
        misplaced: stages.filter((stage) => isMisplaced(stage, placed.get(stage.stageId))),
        missing: stageIds.filter((id) => !found.has(id) && !unanswered.has(id)),
        unreadable: stageIds.filter((id) => found.has(id) && !known.has(id)),
      };
    },
    free: freeStageIndex({ AWS_REGION, STAGES_TABLE: TableName }).free,
    async due(status, query) {
      const { Items = [] } = await documents.send(
        new QueryCommand({ TableName, ...dueQuery(status, query) }),
      );
      return Items.map(({ stageId, dueAtMs }) => ({ stageId: String(stageId), dueAtMs: Number(dueAtMs) }));
    },
    async ids(status) {
      const found: string[] = [];
      let ExclusiveStartKey: Item | undefined;
      do {
        const query: QueryCommand = new QueryCommand({
          TableName,
          ...dueQuery(status, {}),
          ExclusiveStartKey,
        });
        const { Items = [], LastEvaluatedKey } = await documents.send(query);
        found.push(...Items.map(({ stageId }) => String(stageId)));
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return found;
    },
    async count(status, limit = Number.POSITIVE_INFINITY) {
      let counted = 0;
      let ExclusiveStartKey: Item | undefined;
      do {
        const query: QueryCommand = new QueryCommand({
          TableName,
          ...dueQuery(status, {}),
          ...(Number.isFinite(limit) && { Limit: limit - counted }),
          Select: "COUNT",
          ExclusiveStartKey,
        });
        const page = await documents.send(query);
        counted += page.Count ?? 0;
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && counted < limit);
      return counted;
    },
    add: (stage) =>
      heldCondition(
        documents.send(
          new PutCommand({
            TableName,
            Item: { ...stage, ...placeOf(stage) },
            ConditionExpression: "attribute_not_exists(stageId)",
          }),
        ),
      ),
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

function isMisplaced(stage: PooledStage, item: Item = {}): boolean {
  const { pool, due } = placeOf(stage);
  return item["pool"] !== pool || item["due"] !== due || item["dueAtMs"] === undefined;
}

async function readBatch(
  documents: DynamoDBDocumentClient,
  table: string,
  stageIds: readonly string[],
): Promise<{ items: Item[]; unanswered: ReadonlySet<unknown> }> {
  const items: Item[] = [];
  let keys: Item[] = stageIds.map((stageId) => ({ stageId }));
  for (let read = 0; read < MAX_BATCH_READS && keys.length > 0; read += 1) {
    const { Responses, UnprocessedKeys } = await documents.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: keys } } }),
    );
    items.push(...(Responses?.[table] ?? []));
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return { items, unanswered: new Set(keys.map(({ stageId }) => stageId)) };
}

function dueQuery(
  status: StageStatus,
  { untilMs, fromMs, limit }: Partial<DueQuery>,
): Omit<QueryCommandInput, "TableName"> {
  const bound = untilMs ?? fromMs;
  const side = untilMs === undefined ? ">" : "<=";
  return {
    IndexName: stagesByDue.name,
    KeyConditionExpression: `#due = :status${bound === undefined ? "" : ` AND dueAtMs ${side} :bound`}`,
    ExpressionAttributeNames: { "#due": stagesByDue.partitionKey },
    ExpressionAttributeValues: { ":status": status, ...(bound !== undefined && { ":bound": bound }) },
    ScanIndexForward: fromMs === undefined,
    ...(limit !== undefined && { Limit: limit }),
  };
}

/** Sets every attribute that can change, and moves the stage to its place in the indexes. */
function rewrite(previous: PooledStage, next: PooledStage) {
  const { stageId, ...rest } = next;
  const { pool, due } = placeOf(next);
  const entries = Object.entries({ ...rest, due, ...(pool && { pool }) }).filter(
    ([, value]) => value !== undefined,
  );
  const held = unchanged(previous);
  return {
    ...held,
    Key: { stageId },
    UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :next_${name}`).join(", ")}${pool ? "" : " REMOVE #pool"}`,
    ExpressionAttributeNames: {
      ...held.ExpressionAttributeNames,
      ...Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
      "#pool": "pool",
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
