/** `clients`: all, or those that have what is searched for in a name, user name, device or id, in an order. */
import * as z from "zod";
import { isLiving } from "../../calls/call.ts";
import { type Client, clientSchema } from "../../calls/client.ts";
import type { ClientId } from "../../calls/ids.ts";
import { batchGet } from "./batch-get.ts";
import { everyone, fits } from "./everyone.ts";
import { wordsIn } from "./folded.ts";
import type { Someone } from "./memory.ts";
import { namesOf } from "./names.ts";
import { pageToken, placeIn } from "./page-token.ts";
import type { Reading } from "./reading.ts";
import { storedCalls } from "./stored-calls.ts";
import type { ClientRow, ClientsView } from "./views.ts";

export const clientsQuery = z.strictObject({
  search: z.string().trim().max(200).optional(),
  order: z.enum(["name", "seen"]).default("name"),
  page: z.string().max(4_096).optional(),
});

const PAGE = 50;
const placeSchema = z.object({ from: z.number().int().nonnegative() });

export async function readClients(
  reading: Reading,
  { search = "", order, page }: z.output<typeof clientsQuery>,
): Promise<ClientsView> {
  const { all, isWhole } = await everyone(reading);
  const words = wordsIn(search);
  const fitting = all.filter((one): one is Registered => one.clientId !== undefined && fits(one, words));
  const sorted = order === "seen" ? fitting.toSorted(lastSeenFirst) : fitting;
  const from = placeIn(page, placeSchema)?.from ?? 0;
  const clients = await rowsOfClients(
    reading,
    sorted.slice(from, from + PAGE).map(({ clientId }) => clientId),
  );
  return {
    clients,
    total: sorted.length,
    isWhole,
    ...(from + PAGE < sorted.length && { nextPage: pageToken({ from: from + PAGE }) }),
  };
}

type Registered = Someone & { readonly clientId: ClientId };
const lastSeenFirst = (one: Someone, other: Someone): number => other.lastSeenAtMs - one.lastSeenAtMs;

/** In the order of the ids; those of whom there is no client any more are left out. */
async function rowsOfClients(reading: Reading, ids: readonly ClientId[]): Promise<ClientRow[]> {
  const table = reading.stack.tables.clients;
  const items = await batchGet(reading, { table, keys: ids.map((clientId) => ({ clientId })) });
  const found = new Map(
    items.map((item) => clientSchema.parse(item)).map((client) => [client.clientId, client]),
  );
  const clients = ids.flatMap((id) => found.get(id) ?? []);
  return clientRows(reading, clients);
}

export async function clientRows(reading: Reading, clients: readonly Client[]): Promise<ClientRow[]> {
  const [active, names] = await Promise.all([
    storedCalls(
      reading,
      clients.flatMap(({ activeCallId }) => activeCallId ?? []),
    ),
    namesOf(reading, clients),
  ]);
  return clients.map(({ clientId, username, lastSeenAtMs, registeredAtMs = 0, activeCallId }) => {
    const [name, call] = [names.get(clientId), activeCallId && active.get(activeCallId)];
    return {
      clientId,
      ...(name !== undefined && { name }),
      username,
      lastSeenAtMs: Math.max(lastSeenAtMs, registeredAtMs),
      // A pointer to a call that is over, or past its deadline, holds no client.
      ...(call && isLiving(call, reading.now()) && { activeCallId: call.callId }),
    };
  });
}
