/** `clients` and `clients/<clientId>`: by the beginning of a name or by id, with what their owners set and their phones. */
import { BatchGetCommand, GetCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { isLiving } from "../../calls/call.ts";
import { type Client, clientSchema } from "../../calls/client.ts";
import { deviceSchema } from "../../calls/device.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { clientPartition, DEVICE_PREFIX } from "../../handlers/store/tables.ts";
import { callsOfClient } from "./calls-of-client.ts";
import { namesOf } from "./names.ts";
import { pageToken, placeIn } from "./page-token.ts";
import { peopleListed, peopleNamed } from "./people-index.ts";
import type { Reading } from "./reading.ts";
import { storedCalls } from "./stored-calls.ts";
import { ViewProblem } from "./view-problem.ts";
import type { ClientRow, ClientsView, ClientView } from "./views.ts";

export const clientsQuery = z.strictObject({
  search: z.string().trim().max(100).optional(),
  page: z.string().max(4_096).optional(),
});

const PAGE = 50;
const LAST_CALLS = 20;

/** The people of the directory come first, in the order of their names, then clients without a person there. */
const placeSchema = z.discriminatedUnion("among", [
  z.object({ among: z.literal("people"), after: z.record(z.string(), z.string()) }),
  z.object({ among: z.literal("clients"), after: z.object({ clientId: z.string() }).optional() }),
]);
type Place = z.output<typeof placeSchema>;

export async function readClients(
  reading: Reading,
  { search = "", page }: z.output<typeof clientsQuery>,
): Promise<ClientsView> {
  if (search !== "") return { clients: await searched(reading, search) };
  const place: Place | undefined = placeIn(page, placeSchema);
  if (place?.among === "clients") return otherClients(reading, place.after);
  const { clientIds, after } = await peopleListed(reading, PAGE, place?.after);
  const clients = await rowsOf(reading, clientIds);
  const next: Place = after ? { among: "people", after } : { among: "clients" };
  return { clients, nextPage: pageToken(next) };
}

async function searched(reading: Reading, search: string): Promise<ClientRow[]> {
  const id = clientIdSchema.safeParse(search);
  return rowsOf(reading, id.success ? [id.data] : await peopleNamed(reading, search, PAGE));
}

async function otherClients(
  reading: Reading,
  after: { readonly clientId: string } | undefined,
): Promise<ClientsView> {
  const { documents, stack } = reading;
  const scan = new ScanCommand({
    TableName: stack.tables.clients,
    ProjectionExpression: "clientId",
    Limit: PAGE,
    ...(after && { ExclusiveStartKey: after }),
  });
  const { Items = [], LastEvaluatedKey } = await documents.send(scan);
  const ids = Items.map(({ clientId }) => clientIdSchema.parse(clientId));
  const names = await namesOf(reading, ids);
  const clients = await rowsOf(
    reading,
    ids.filter((id) => !names.has(id)),
  );
  if (!LastEvaluatedKey) return { clients };
  const next: Place = { among: "clients", after: { clientId: String(LastEvaluatedKey["clientId"]) } };
  return { clients, nextPage: pageToken(next) };
}

/** In the order of the ids; those of whom there is no client any more are left out. */
async function rowsOf(reading: Reading, ids: readonly ClientId[]): Promise<ClientRow[]> {
  if (ids.length === 0) return [];
  const { documents, stack } = reading;
  const Keys = ids.map((clientId) => ({ clientId }));
  const get = new BatchGetCommand({ RequestItems: { [stack.tables.clients]: { Keys } } });
  const { Responses = {} } = await documents.send(get);
  const items = (Responses[stack.tables.clients] ?? []).map((item) => clientSchema.parse(item));
  const found = new Map(items.map((client) => [client.clientId, client]));
  const clients = ids.flatMap((id) => found.get(id) ?? []);
  const active = await storedCalls(
    reading,
    clients.flatMap(({ activeCallId }) => activeCallId ?? []),
  );
  const names = await namesOf(reading, ids);
  return clients.map((client) => {
    const { clientId, lastSeenAtMs, activeCallId } = client;
    const [name, call] = [names.get(clientId), activeCallId && active.get(activeCallId)];
    return {
      clientId,
      ...(name !== undefined && { name }),
      lastSeenAtMs: Math.max(lastSeenAtMs, client.registeredAtMs ?? 0),
      // A pointer to a call that is over, or past its deadline, holds no client.
      ...(call && isLiving(call, reading.now()) && { activeCallId: call.callId }),
    };
  });
}

export async function readClient(reading: Reading, id: string): Promise<ClientView> {
  const parsed = clientIdSchema.safeParse(id);
  const client = parsed.success ? await storedClient(reading, parsed.data) : undefined;
  const [row] = client ? await rowsOf(reading, [client.clientId]) : [];
  if (!client || !row) throw new ViewProblem(404, "There is no such client", `client ${id} is not stored`);
  const [devices, { calls }] = await Promise.all([
    devicesOf(reading, client.clientId),
    callsOfClient(reading, { client: client.clientId }, LAST_CALLS),
  ]);
  const { doNotDisturbUntilMs, lostDevices = [] } = client;
  return {
    ...row,
    blockedIds: Object.keys(client.blocked ?? {}),
    ...(doNotDisturbUntilMs !== undefined && { doNotDisturbUntilMs }),
    devices,
    lostDevices,
    calls,
  };
}

async function storedClient({ documents, stack }: Reading, clientId: ClientId): Promise<Client | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: stack.tables.clients, Key: { clientId } }),
  );
  return Item && clientSchema.parse(Item);
}

/** The items contain the tokens; only their channels go on to the page. */
async function devicesOf({ documents, stack }: Reading, clientId: ClientId): Promise<ClientView["devices"]> {
  const query = new QueryCommand({
    TableName: stack.tables.devices,
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :device)",
    ExpressionAttributeValues: { ":pk": clientPartition(clientId), ":device": DEVICE_PREFIX },
  });
  const { Items = [] } = await documents.send(query);
  return Items.map((item) => {
    const { deviceId, tokens, lastSeenAtMs } = deviceSchema.parse(item);
    return { deviceId, channels: Object.keys(tokens), lastSeenAtMs };
  });
}
