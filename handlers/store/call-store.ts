/** The calls table: one item per call. Each method says what happens if another write came first. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { shardName } from "../../calls/admission.ts";
import { type Call, callSchema } from "../../calls/call.ts";
import { type HistoryRow, historyRowSchema } from "../../calls/history.ts";
import { type CallId, callIdSchema, type ClientId } from "../../calls/ids.ts";
import type { CallStore } from "../call/change-call.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";
import { callKey, callsBySweepTime, clientPartition, HISTORY_PREFIX, historyKey } from "./tables.ts";

const parse = (item: Record<string, unknown> | undefined): Call | undefined => item && callSchema.parse(item);

export interface SweepableCalls {
  /** Calls of one shard that are not cleaned up and should have moved on by `nowMs`, oldest first. */
  overdue(nowMs: number, page: SweepPage): Promise<OverdueCalls>;
}

/** Where a page ends: as DynamoDB names it. */
export type SweepPlace = Readonly<Record<string, unknown>>;
export interface SweepPage {
  readonly shard: number;
  readonly limit: number;
  readonly after?: SweepPlace | undefined;
}
export interface OverdueCalls {
  readonly callIds: readonly CallId[];
  /** The next page, if any, begins here. */
  readonly after?: SweepPlace | undefined;
}

export interface CallHistory {
  /** Writes the rows of a call that is over; repeating it is harmless. */
  remember(rows: readonly HistoryRow[]): Promise<void>;
  /** Removes rows; repeating it is harmless. */
  forget(rows: readonly HistoryRow[]): Promise<void>;
  /** Newest first. `after` is the last row of the page before. */
  history(clientId: ClientId, page: HistoryPage): Promise<HistoryRow[]>;
}

export interface HistoryPage {
  readonly limit: number;
  readonly after?: HistoryPlace | undefined;
}
export type HistoryPlace = Pick<HistoryRow, "createdAtMs" | "callId">;

export function callStore({
  AWS_REGION,
  CALLS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CALLS_TABLE">): CallStore & SweepableCalls & CallHistory {
  const documents = documentClient(AWS_REGION);
  return {
    async read(callId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: callKey(callId), ConsistentRead: true }),
      );
      return parse(Item);
    },

    async replace(previous, next) {
      try {
        await documents.send(
          new UpdateCommand({ TableName, Key: callKey(previous.callId), ...replacement(previous, next) }),
        );
        return { written: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return { written: false, current: parse(error.Item && unmarshall(error.Item)) };
      }
    },

    async remember(rows) {
      const puts = rows.map(
        (row) => new PutCommand({ TableName, Item: { ...historyKey(row.clientId, row), ...row } }),
      );
      await Promise.all(puts.map((put) => documents.send(put)));
    },

    async forget(rows) {
      const deletes = rows.map((row) => new DeleteCommand({ TableName, Key: historyKey(row.clientId, row) }));
      await Promise.all(deletes.map((removal) => documents.send(removal)));
    },

    async history(clientId, { limit, after }) {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :client AND begins_with(sk, :call)",
          ExpressionAttributeValues: { ":client": clientPartition(clientId), ":call": HISTORY_PREFIX },
          ScanIndexForward: false,
          Limit: limit,
          ...(after && { ExclusiveStartKey: historyKey(clientId, after) }),
        }),
      );
      return Items.map((item) => historyRowSchema.parse(item));
    },

    async overdue(nowMs, { shard, limit, after }) {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName,
          IndexName: callsBySweepTime.name,
          KeyConditionExpression: "#shard = :shard AND #sweepAt <= :now",
          ExpressionAttributeNames: {
            "#shard": callsBySweepTime.partitionKey,
            "#sweepAt": callsBySweepTime.sortKey,
          },
          ExpressionAttributeValues: { ":shard": shardName(shard), ":now": nowMs },
          Limit: limit,
          ...(after && { ExclusiveStartKey: after }),
        }),
      );
      return { callIds: Items.map((item) => callIdSchema.parse(item["pk"])), after: LastEvaluatedKey };
    },
  };
}

/**
 * The update from one version to the next. Writes only the attributes that differ, so that what the workflow's waits
 * write is not overwritten.
 */
export function replacement(previous: Call, next: Call) {
  const names = [...new Set([...Object.keys(previous), ...Object.keys(next)])] as (keyof Call)[];
  const changed = names.filter((name) => JSON.stringify(previous[name]) !== JSON.stringify(next[name]));
  const set = changed.filter((name) => next[name] !== undefined);
  const removed = changed.filter((name) => next[name] === undefined);
  const clauses = [
    ["SET", set.map((name) => `#${name} = :${name}`)],
    ["REMOVE", removed.map((name) => `#${name}`)],
  ] as const;
  return {
    UpdateExpression: clauses
      .flatMap(([verb, parts]) => (parts.length > 0 ? `${verb} ${parts.join(", ")}` : []))
      .join(" "),
    ConditionExpression: "#version = :previousVersion",
    ExpressionAttributeNames: Object.fromEntries([...changed, "version"].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map((name) => [`:${name}`, next[name]])),
      ":previousVersion": previous.version,
    },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  };
}
