/** Reads a batch of clients with their devices in a few requests. */
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { type Client, clientSchema } from "../../calls/client.ts";
import { type Device, deviceSchema } from "../../calls/device.ts";
import { deviceOfKey } from "../../calls/device-key.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";
import { deviceKey } from "./tables.ts";

export interface SeenClient {
  /** Undefined if it does not exist. */
  readonly client: Client | undefined;
  /** Undefined if not all were read. */
  readonly devices?: readonly Device[] | undefined;
}

/** A client that is missing has not been read. */
export type ClientsSeen = ReadonlyMap<ClientId, SeenClient>;

export interface ClientReads {
  /** Reads consistently. Leaves out what DynamoDB holds back or what cannot be parsed: it can be read by itself. */
  readAll(clientIds: readonly ClientId[]): Promise<ClientsSeen>;
}

type Key = Readonly<Record<string, string>>;
interface Rows {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly heldBack: readonly Readonly<Record<string, unknown>>[];
}
/** What BatchGetItem takes. */
const MAX_KEYS = 100;

export function clientReads({
  AWS_REGION,
  CLIENTS_TABLE,
  DEVICES_TABLE,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE" | "DEVICES_TABLE">): ClientReads {
  const documents = documentClient(AWS_REGION);

  async function rowsOf(table: string, keys: readonly Key[]): Promise<Rows> {
    const rows: { items: Rows["items"][number][]; heldBack: Rows["heldBack"][number][] } = {
      items: [],
      heldBack: [],
    };
    for (let from = 0; from < keys.length; from += MAX_KEYS) {
      const Keys = keys.slice(from, from + MAX_KEYS);
      const { Responses, UnprocessedKeys } = await documents.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      rows.items.push(...(Responses?.[table] ?? []));
      rows.heldBack.push(...(UnprocessedKeys?.[table]?.Keys ?? []));
    }
    return rows;
  }

  async function clientsOf(clientIds: readonly ClientId[]): Promise<Map<ClientId, Client | undefined>> {
    const keys = clientIds.map((clientId) => ({ clientId }));
    const { items, heldBack } = await rowsOf(CLIENTS_TABLE, keys);
    const seen = new Map<ClientId, Client | undefined>(clientIds.map((clientId) => [clientId, undefined]));
    for (const { clientId } of heldBack) seen.delete(clientIdSchema.parse(clientId));
    for (const item of items) {
      const client = clientSchema.safeParse(item);
      if (client.success) seen.set(client.data.clientId, client.data);
      else seen.delete(clientIdSchema.parse(item["clientId"]));
    }
    return seen;
  }

  /** The client lists its devices: both change in one transaction. */
  async function devicesOf(clients: readonly Client[]): Promise<Map<ClientId, Device[]>> {
    const keys = clients.flatMap(({ clientId, devices }) =>
      Object.keys(devices).map((key) => deviceKey(clientId, deviceOfKey(key))),
    );
    const found = new Map<ClientId, Device[]>(clients.map(({ clientId }) => [clientId, []]));
    for (const item of (await rowsOf(DEVICES_TABLE, keys)).items) {
      const device = deviceSchema.safeParse(item);
      if (device.success) found.get(device.data.clientId)?.push(device.data);
    }
    return found;
  }

  return {
    async readAll(clientIds) {
      const clients = await clientsOf(clientIds);
      const devices = await devicesOf([...clients.values()].flatMap((client) => client ?? []));
      return new Map(
        [...clients].map(([clientId, client]) => {
          const found = devices.get(clientId);
          const isWhole = client && found?.length === Object.keys(client.devices).length;
          return [clientId, { client, devices: isWhole ? found : undefined }];
        }),
      );
    },
  };
}
