/**
 * The clients and devices tables. All changes of a client's devices go through `commit`, on condition that they
 * are unchanged since they were read; a device token belongs to one client, by a row keyed by its hash.
 */
import { createHash } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type Client, clientSchema, type LostDevice, withLost } from "../../calls/client.ts";
import { dayOf, seenShard } from "../../calls/clean-up.ts";
import { type Device, deviceSchema } from "../../calls/device.ts";
import { keyOfDevice } from "../../calls/device-key.ts";
import { spellingsOf } from "../../calls/device-token.ts";
import { type CallId, type ClientId, clientIdSchema } from "../../calls/ids.ts";
import type { Secret } from "../../calls/secret.ts";
import type { Counted, Renaming } from "../../calls/standing.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient, type TransactItems, wroteTogether } from "./dynamodb.ts";
import { countDeed, renameClients } from "./person-store.ts";
import { clientPartition, deviceKey, tokenKey } from "./tables.ts";

/** The devices of one client, before and after. `created` puts the client itself too. */
export interface DeviceChange {
  readonly client: Client;
  readonly created?: boolean;
  /** One of its phones has just registered: the client is in use. */
  readonly seen?: boolean;
  /** Devices that another person takes over by registering their push token. */
  readonly lost?: readonly LostDevice[];
  readonly before: readonly Device[];
  readonly after: readonly Device[];
}

/** `no client`: it has been deleted. */
export type Freeing = "freed" | "not held" | "no client";

export interface ClientStore {
  /** Reads consistently, because decisions depend on the slot. */
  read(clientId: ClientId): Promise<Client | undefined>;
  devices(clientId: ClientId): Promise<Device[]>;
  /** The client that holds a device token, in whichever spelling it was stored. */
  holderOf(token: Secret): Promise<ClientId | undefined>;
  /** All or nothing; false if any of the clients' devices, or the person's row, changed since they were read. */
  commit(
    changes: readonly DeviceChange[],
    nowMs: number,
    counted?: Counted,
    renaming?: Renaming,
  ): Promise<boolean>;
  /** Frees the slot only if it still names this call. With `seenAtMs` the client took part in it. */
  freeSlot(clientId: ClientId, callId: CallId, seenAtMs?: number): Promise<Freeing>;
}

export const tokenHash = (token: Secret): string => createHash("sha256").update(token.reveal()).digest("hex");

type Tables = "AWS_REGION" | "CLIENTS_TABLE" | "DEVICES_TABLE";

/** Functions that count the acts of persons have `OWNERS_TABLE`. */
export function clientStore(env: Environment<Tables> & Partial<Environment<"OWNERS_TABLE">>): ClientStore {
  const documents = documentClient(env.AWS_REGION);
  const { CLIENTS_TABLE, DEVICES_TABLE, OWNERS_TABLE } = env;
  return {
    ...clientSlots(env),
    async devices(clientId) {
      const query = new QueryCommand({
        TableName: DEVICES_TABLE,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": clientPartition(clientId) },
        ConsistentRead: true,
      });
      const { Items = [] } = await documents.send(query);
      return Items.map((item) => deviceSchema.parse(item));
    },
    async holderOf(token) {
      for (const spelling of spellingsOf(token)) {
        const Key = tokenKey(tokenHash(spelling));
        const get = new GetCommand({ TableName: DEVICES_TABLE, Key, ConsistentRead: true });
        const { Item } = await documents.send(get);
        if (Item) return clientIdSchema.parse(Item["clientId"]);
      }
      return undefined;
    },
    async commit(changes, nowMs, counted, renaming) {
      const TransactItems = changes.flatMap((change) => [
        clientPart(CLIENTS_TABLE, change, nowMs),
        ...deviceParts(DEVICES_TABLE, change),
      ]);
      TransactItems.push(...tokenParts(DEVICES_TABLE, changes));
      if (counted ?? renaming) {
        if (OWNERS_TABLE === undefined) throw new Error("nothing is written of persons without OWNERS_TABLE");
        const update = renaming
          ? renameClients(OWNERS_TABLE, renaming, counted, nowMs)
          : counted && countDeed(OWNERS_TABLE, counted);
        TransactItems.push({ Update: update });
      }
      return wroteTogether(documents.send(new TransactWriteCommand({ TransactItems })));
    },
  };
}

/** The part of the store that needs the clients table only. */
export function clientSlots({
  AWS_REGION,
  CLIENTS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE">): Pick<ClientStore, "read" | "freeSlot"> {
  const documents = documentClient(AWS_REGION);
  return {
    async read(clientId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: { clientId }, ConsistentRead: true }),
      );
      return Item && clientSchema.parse(Item);
    },
    async freeSlot(clientId, callId, seenAtMs) {
      const seen = seenAtMs === undefined ? undefined : seenUpdate(clientId, seenAtMs);
      try {
        await documents.send(
          new UpdateCommand({
            TableName,
            Key: { clientId },
            UpdateExpression: seen ? `REMOVE activeCallId SET ${seen.set}` : "REMOVE activeCallId",
            ConditionExpression: "activeCallId = :callId",
            ExpressionAttributeValues: { ":callId": callId, ...seen?.values },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
        return "freed";
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return error.Item ? "not held" : "no client";
        throw error;
      }
    },
  };
}

/** A day, not a moment: the index is written once a day at most. */
const seenUpdate = (clientId: ClientId, atMs: number) => ({
  set: "seenOnMs = :seenOn, seenShard = :seenShard",
  values: { ":seenOn": dayOf(atMs), ":seenShard": seenShard(clientId) },
});

function clientPart(
  TableName: string,
  { client, created, seen = false, lost, after }: DeviceChange,
  nowMs: number,
): TransactItems[number] {
  const devices = Object.fromEntries(
    after.map(({ deviceId, lastSeenAtMs }) => [keyOfDevice(deviceId), lastSeenAtMs]),
  );
  if (created) {
    const inUse = { registeredAtMs: nowMs, seenOnMs: dayOf(nowMs), seenShard: seenShard(client.clientId) };
    const Item = { ...client, ...inUse, devices };
    return { Put: { TableName, Item, ConditionExpression: "attribute_not_exists(clientId)" } };
  }
  const inUse = seen ? seenUpdate(client.clientId, nowMs) : undefined;
  return {
    Update: {
      TableName,
      Key: { clientId: client.clientId },
      UpdateExpression: `SET devices = :devices, lastSeenAtMs = :now, revision = :next${inUse ? `, registeredAtMs = :now, ${inUse.set}` : ""}${lost ? ", lostDevices = :lost" : ""}`,
      ConditionExpression: "revision = :seen AND #sub = :sub",
      ExpressionAttributeNames: { "#sub": "sub" },
      ExpressionAttributeValues: {
        ":devices": devices,
        ":now": nowMs,
        ":next": client.revision + 1,
        ":seen": client.revision,
        ":sub": client.sub,
        ...inUse?.values,
        ...(lost && { ":lost": withLost(client, lost) }),
      },
    },
  };
}

function deviceParts(TableName: string, { client, before, after }: DeviceChange): TransactItems {
  const changed = after.filter((device) => !before.includes(device));
  const kept = new Set<string>(after.map(({ deviceId }) => deviceId));
  const removed = before.filter(({ deviceId }) => !kept.has(deviceId));
  return [
    ...changed.map((device) => ({ Put: { TableName, Item: deviceItem(client.clientId, device) } })),
    ...removed.map(({ deviceId }) => ({ Delete: { TableName, Key: deviceKey(client.clientId, deviceId) } })),
  ];
}

function deviceItem(clientId: ClientId, device: Device): Record<string, unknown> {
  const tokens = Object.fromEntries(
    Object.entries(device.tokens).map(([type, token]) => [type, token.reveal()]),
  );
  return { ...deviceKey(clientId, device.deviceId), ...device, tokens };
}

/** Rows of tokens that came, moved or went, each once: a transaction may touch an item only once. */
function tokenParts(TableName: string, changes: readonly DeviceChange[]): TransactItems {
  const holders = (side: "before" | "after") =>
    new Map(
      changes.flatMap((change) =>
        change[side].flatMap(({ tokens }) =>
          Object.values(tokens).map((token) => [tokenHash(token), change.client.clientId] as const),
        ),
      ),
    );
  const [before, after] = [holders("before"), holders("after")];
  const taken = [...after].filter(([hash, clientId]) => before.get(hash) !== clientId);
  const left = [...before.keys()].filter((hash) => !after.has(hash));
  return [
    ...taken.map(([hash, clientId]) => ({
      Put: {
        TableName,
        Item: { ...tokenKey(hash), clientId },
        ConditionExpression: "attribute_not_exists(pk) OR clientId = :holder",
        ExpressionAttributeValues: { ":holder": before.get(hash) ?? clientId },
      },
    })),
    ...left.map((hash) => ({ Delete: { TableName, Key: tokenKey(hash) } })),
  ];
}
