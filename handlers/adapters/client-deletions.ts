/** Removing a client with all that hangs on it, and finding clients that were not seen for long. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { type Client, clientSchema } from "../../calls/client.ts";
import type { Device } from "../../calls/device.ts";
import { seenShards } from "../../calls/clean-up.ts";
import { type CallId, type ClientId, clientIdSchema } from "../../calls/ids.ts";
import type { Environment } from "../environment.ts";
import { deviceKey, tokenHash, tokenKey } from "./client-store.ts";
import { cancellationReasons, documentClient, type TransactItems } from "./dynamodb.ts";

export interface ClientDeletions {
  /**
   * All or nothing: the client, its devices and the rows of their tokens. False if its devices changed since they were read,
   * or if it is in another call than `ended`.
   */
  remove(client: Client, devices: readonly Device[], ended: CallId | undefined): Promise<boolean>;
  /** Removes the client's rows of calls it was in. Repeating it is harmless. */
  removeHistory(clientId: ClientId): Promise<void>;
}

/** Clients by id; undefined: not there. One that is missing has not been read. */
export type ClientsSeen = ReadonlyMap<ClientId, Client | undefined>;

export interface ClientReads {
  /** Reads up to 100 clients consistently in one request. What DynamoDB holds back, or cannot be understood, is left out. */
  readAll(clientIds: readonly ClientId[]): Promise<ClientsSeen>;
}

export interface StaleClients {
  /** Clients not seen since the day `untilMs`, at most `limit`. The index may be a moment behind. */
  notSeenSince(untilMs: number, limit: number): Promise<ClientId[]>;
}

/** What BatchWriteItem takes. */
const BATCH = 25;
/** Rows of one client's history that one attempt removes; a repeat goes on. */
const MAX_HISTORY_PAGES = 40;

export function clientDeletions({
  AWS_REGION,
  CLIENTS_TABLE,
  DEVICES_TABLE,
  CALLS_TABLE,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE" | "DEVICES_TABLE" | "CALLS_TABLE">): ClientDeletions &
  ClientReads {
  const documents = documentClient(AWS_REGION);
  return {
    readAll: (clientIds) => readAll(documents, CLIENTS_TABLE, clientIds),
    async remove(client, devices, ended) {
      const TransactItems = [
        clientPart(CLIENTS_TABLE, client, ended),
        ...devices.flatMap((device) => deviceParts(DEVICES_TABLE, device)),
      ];
      try {
        await documents.send(new TransactWriteCommand({ TransactItems }));
        return true;
      } catch (error) {
        cancellationReasons(error);
        return false;
      }
    },
    async removeHistory(clientId) {
      const query: QueryCommandInput = {
        TableName: CALLS_TABLE,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :call)",
        ExpressionAttributeValues: { ":pk": `client#${clientId}`, ":call": "call#" },
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
        // What was not done is found by the next page, which begins at the same place.
        const left = UnprocessedItems?.[CALLS_TABLE]?.length ?? 0;
        if (!LastEvaluatedKey && left === 0) return;
      }
      throw new Error(`client ${clientId} has more history than one attempt removes`);
    },
  };
}

async function readAll(
  documents: DynamoDBDocumentClient,
  table: string,
  clientIds: readonly ClientId[],
): Promise<ClientsSeen> {
  if (clientIds.length === 0) return new Map();
  const Keys = clientIds.map((clientId) => ({ clientId }));
  const { Responses, UnprocessedKeys } = await documents.send(
    new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
  );
  const seen = new Map<ClientId, Client | undefined>(clientIds.map((clientId) => [clientId, undefined]));
  for (const { clientId } of UnprocessedKeys?.[table]?.Keys ?? [])
    seen.delete(clientIdSchema.parse(clientId));
  for (const item of Responses?.[table] ?? []) {
    const client = clientSchema.safeParse(item);
    if (client.success) seen.set(client.data.clientId, client.data);
    else seen.delete(clientIdSchema.parse(item["clientId"]));
  }
  return seen;
}

function clientPart(TableName: string, client: Client, ended: CallId | undefined): TransactItems[number] {
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

/** A token that meanwhile belongs to somebody else stays theirs; the revision has changed then, and nothing is removed. */
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
          IndexName: "by-last-seen",
          KeyConditionExpression: "seenShard = :shard AND seenOnMs <= :until",
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
