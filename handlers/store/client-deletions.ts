/** Removes clients with all their rows, and finds clients that were not seen for long. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Client } from "../../calls/client.ts";
import type { Device } from "../../calls/device.ts";
import { seenShards } from "../../calls/clean-up.ts";
import { type CallId, type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { naming, type Renaming, standingSchema } from "../../calls/standing.ts";
import type { Environment } from "../edge/environment.ts";
import { tokenHash } from "./client-store.ts";
import { documentClient, type TransactItems, wroteTogether } from "./dynamodb.ts";
import { renameClients } from "./person-store.ts";
import {
  clientPartition,
  clientsByLastSeen,
  deviceKey,
  HISTORY_PREFIX,
  standingKey,
  tokenKey,
} from "./tables.ts";

export interface Removal {
  readonly client: Client;
  readonly devices: readonly Device[];
  /** The call that the client was in. */
  readonly ended?: CallId | undefined;
}

export interface ClientDeletions {
  /**
   * All or nothing: the clients, their devices, the rows of their tokens, and their names in the rows of their persons, which
   * are read here. False if devices or rows changed since they were read, or if one is in another call than `ended`.
   */
  remove(removals: readonly Removal[], nowMs: number): Promise<boolean>;
  /** Removes the client's rows of calls it was in. Repeating it is harmless. */
  removeHistory(clientId: ClientId): Promise<void>;
}

export interface StaleClients {
  /** Clients not seen since the day `untilMs`, at most `limit`. The index may be a moment behind. */
  notSeenSince(untilMs: number, limit: number): Promise<ClientId[]>;
}

/** What BatchWriteItem takes. */
const BATCH = 25;
/** Rows of one client's history that one attempt removes; a repeat continues. */
const MAX_HISTORY_PAGES = 40;

export function clientDeletions({
  AWS_REGION,
  CLIENTS_TABLE,
  DEVICES_TABLE,
  CALLS_TABLE,
  OWNERS_TABLE,
}: Environment<
  "AWS_REGION" | "CLIENTS_TABLE" | "DEVICES_TABLE" | "CALLS_TABLE" | "OWNERS_TABLE"
>): ClientDeletions {
  const documents = documentClient(AWS_REGION);

  /** The clients that these persons' rows name. Undefined if DynamoDB holds some rows back. */
  async function rowsOf(removals: readonly Removal[]): Promise<Rows | undefined> {
    const Keys = [...new Set(removals.map(({ client }) => client.sub))].map(standingKey);
    const request = { RequestItems: { [OWNERS_TABLE]: { Keys, ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await documents.send(new BatchGetCommand(request));
    if (UnprocessedKeys?.[OWNERS_TABLE]?.Keys?.length) return undefined;
    const items = Responses?.[OWNERS_TABLE] ?? [];
    return new Map(items.map((item) => [item["owner"], standingSchema.parse(item).clientIds ?? []]));
  }

  return {
    async remove(removals, nowMs) {
      const TransactItems = removals.flatMap((removal) => [
        clientPart(CLIENTS_TABLE, removal),
        ...removal.devices.flatMap((device) => deviceParts(DEVICES_TABLE, device)),
      ]);
      const rows = await rowsOf(removals);
      if (!rows) return false;
      for (const renaming of strikings(removals, rows)) {
        TransactItems.push({ Update: renameClients(OWNERS_TABLE, renaming, undefined, nowMs) });
      }
      return wroteTogether(documents.send(new TransactWriteCommand({ TransactItems })));
    },
    async removeHistory(clientId) {
      const query: QueryCommandInput = {
        TableName: CALLS_TABLE,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :call)",
        ExpressionAttributeValues: { ":pk": clientPartition(clientId), ":call": HISTORY_PREFIX },
        ProjectionExpression: "pk, sk",
        Limit: BATCH,
        ConsistentRead: true,
      };
      for (let page = 0; page < MAX_HISTORY_PAGES; page += 1) {
        const { Items = [], LastEvaluatedKey } = await documents.send(new QueryCommand(query));
        if (Items.length === 0) return;
        const deletes = Items.map((Key) => ({ DeleteRequest: { Key } }));
        const { UnprocessedItems } = await documents.send(
          new BatchWriteCommand({ RequestItems: { [CALLS_TABLE]: deletes } }),
        );
        // The next page begins at the same place and finds the rows that were not deleted.
        const left = UnprocessedItems?.[CALLS_TABLE]?.length ?? 0;
        if (!LastEvaluatedKey && left === 0) return;
      }
      throw new Error(`client ${clientId} has more history than one attempt removes`);
    },
  };
}

type Rows = ReadonlyMap<unknown, readonly ClientId[]>;

/** One write for each person: a transaction may touch a row only once. A client adopted meanwhile has another revision. */
function strikings(removals: readonly Removal[], rows: Rows): Renaming[] {
  const persons = Map.groupBy(removals, ({ client }) => client.sub);
  return [...persons].flatMap(([sub, own]) => {
    const named = rows.get(standingKey(sub).owner) ?? [];
    const leaving = own.map(({ client }) => client.clientId);
    return naming(sub, named, { joining: [], leaving }) ?? [];
  });
}

function clientPart(TableName: string, { client, ended }: Removal): TransactItems[number] {
  const free = "attribute_not_exists(activeCallId)";
  const slot = ended === undefined ? free : `(${free} OR activeCallId = :ended)`;
  return {
    Delete: {
      TableName,
      Key: { clientId: client.clientId },
      ConditionExpression: `revision = :seen AND #sub = :sub AND ${slot}`,
      ExpressionAttributeNames: { "#sub": "sub" },
      ExpressionAttributeValues: {
        ":seen": client.revision,
        ":sub": client.sub,
        ...(ended !== undefined && { ":ended": ended }),
      },
    },
  };
}

/** A token that moved to another client meanwhile stays there: the revision has changed, so nothing is removed. */
function deviceParts(TableName: string, { clientId, deviceId, tokens }: Device): TransactItems {
  const hashes = [...new Set(Object.values(tokens).map((token) => tokenHash(token)))];
  return [
    { Delete: { TableName, Key: deviceKey(clientId, deviceId) } },
    ...hashes.map((hash) => ({
      Delete: {
        TableName,
        Key: tokenKey(hash),
        ConditionExpression: "attribute_not_exists(pk) OR clientId = :holder",
        ExpressionAttributeValues: { ":holder": clientId },
      },
    })),
  ];
}

export function staleClients({
  AWS_REGION,
  CLIENTS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE">): StaleClients {
  const documents = documentClient(AWS_REGION);
  async function* inShard(shard: string, untilMs: number): AsyncGenerator<ClientId> {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await documents.send(
        new QueryCommand({
          TableName,
          IndexName: clientsByLastSeen.name,
          KeyConditionExpression: "#shard = :shard AND #seenOn <= :until",
          ExpressionAttributeNames: {
            "#shard": clientsByLastSeen.partitionKey,
            "#seenOn": clientsByLastSeen.sortKey,
          },
          ExpressionAttributeValues: { ":shard": shard, ":until": untilMs },
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      );
      for (const { clientId } of page.Items ?? []) yield clientIdSchema.parse(clientId);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }
  return {
    async notSeenSince(untilMs, limit) {
      const found: ClientId[] = [];
      for (const shard of seenShards) {
        for await (const clientId of inShard(shard, untilMs)) {
          if (found.length >= limit) return found;
          found.push(clientId);
        }
      }
      return found;
    },
  };
}
