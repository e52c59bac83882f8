/**
 * Removals from rooms: items beside the call. The index `by-removal` is the due-list, one partition for each
 * priority, by time. The remover's lease is an item of the same table.
 */
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type CallId, callIdSchema } from "../../calls/ids.ts";
import { type Removal, type RemovalPriority, removalSchema } from "../../calls/removals.ts";
import type { Room } from "../../calls/room.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient, heldCondition } from "./dynamodb.ts";
import { callsByRemoval, REMOVAL_PREFIX, removalKey, removalQueue, REMOVER_LEASE } from "./tables.ts";

/** A removal's outcome is useless once its room has served other calls for long. */
const KEPT_SECONDS = 86_400;

/** A removal's place on the due-list, from the index, so perhaps a moment behind. */
export interface DueRemoval {
  readonly callId: CallId;
  readonly target: string;
  readonly dueAtMs: number;
}

export interface RemovalStore {
  /** The removals of a priority that are longest due, the longest wait first. */
  due(priority: RemovalPriority, nowMs: number, limit: number): Promise<DueRemoval[]>;
  /**
   * Writes `next` only if the removal is still `previous`, or still missing if it was.
   * False: another write came first.
   */
  replace(previous: Removal | undefined, next: Removal, nowMs: number): Promise<boolean>;
}

export interface RemoverLease {
  /** Takes or renews the lease. False: another run has it. */
  take(owner: string, nowMs: number, untilMs: number): Promise<boolean>;
  release(owner: string): Promise<void>;
}

/** For functions that share a quota of requests with the remover. */
export interface RemoverWatch {
  /** Whether a run has the lease. */
  atWork(nowMs: number): Promise<boolean>;
}

export function removalFrom(item: Record<string, unknown>): Removal {
  return removalSchema.parse(item);
}

type Table = Environment<"AWS_REGION" | "CALLS_TABLE">;

/** `kept`: the part of a room that the media provider needs for a removal; only this is stored. */
export function removalStore(
  { AWS_REGION, CALLS_TABLE: TableName }: Table,
  kept: (room: Room) => Room,
): RemovalStore {
  const documents = documentClient(AWS_REGION);
  return {
    async due(priority, nowMs, Limit) {
      const query = new QueryCommand({
        TableName,
        IndexName: callsByRemoval.name,
        KeyConditionExpression: "#queue = :queue AND #dueAt <= :now",
        ExpressionAttributeNames: {
          "#queue": callsByRemoval.partitionKey,
          "#dueAt": callsByRemoval.sortKey,
        },
        ExpressionAttributeValues: { ":queue": removalQueue(priority), ":now": nowMs },
        Limit,
      });
      const { Items = [] } = await documents.send(query);
      return Items.map(({ pk, sk, dueAtMs }) => ({
        callId: callIdSchema.parse(pk),
        target: String(sk).slice(REMOVAL_PREFIX.length),
        dueAtMs: Number(dueAtMs),
      }));
    },
    replace(previous, next, nowMs) {
      const isDue = next.dueAtMs !== undefined;
      const expiresAtSeconds = Math.ceil(nowMs / 1000) + KEPT_SECONDS;
      const queued = isDue ? { [callsByRemoval.partitionKey]: removalQueue(next.priority) } : {};
      return heldCondition(
        documents.send(
          new PutCommand({
            TableName,
            Item: {
              ...removalKey(next.callId, next.target),
              ...next,
              stage: kept(next.stage),
              ...queued,
              expiresAtSeconds,
            },
            ...unchanged(previous),
          }),
        ),
      );
    },
  };
}

export function removerLease({ AWS_REGION, CALLS_TABLE: TableName }: Table): RemoverLease {
  const documents = documentClient(AWS_REGION);
  return {
    take: (owner, nowMs, untilMs) =>
      heldCondition(
        documents.send(
          new UpdateCommand({
            TableName,
            Key: REMOVER_LEASE,
            UpdateExpression: "SET #owner = :owner, untilMs = :until",
            ConditionExpression: "attribute_not_exists(pk) OR untilMs <= :now OR #owner = :owner",
            ExpressionAttributeNames: { "#owner": "owner" },
            ExpressionAttributeValues: { ":owner": owner, ":now": nowMs, ":until": untilMs },
          }),
        ),
      ),
    async release(owner) {
      await heldCondition(
        documents.send(
          new DeleteCommand({
            TableName,
            Key: REMOVER_LEASE,
            ConditionExpression: "#owner = :owner",
            ExpressionAttributeNames: { "#owner": "owner" },
            ExpressionAttributeValues: { ":owner": owner },
          }),
        ),
      );
    },
  };
}

export function removerWatch({ AWS_REGION, CALLS_TABLE: TableName }: Table): RemoverWatch {
  const documents = documentClient(AWS_REGION);
  return {
    async atWork(nowMs) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: REMOVER_LEASE }));
      return Number(Item?.["untilMs"] ?? 0) > nowMs;
    },
  };
}

/** The step and the time change with every change that matters. */
function unchanged(previous: Removal | undefined) {
  if (!previous) return { ConditionExpression: "attribute_not_exists(pk)" };
  const { step, dueAtMs } = previous;
  return {
    ConditionExpression: `step = :step AND ${dueAtMs === undefined ? "attribute_not_exists(dueAtMs)" : "dueAtMs = :due"}`,
    ExpressionAttributeValues: { ":step": step, ...(dueAtMs !== undefined && { ":due": dueAtMs }) },
  };
}
