/** What a person decides about its client: whom it blocks, and until when it is not to be disturbed. */
import { blocking, type Client, unblocking } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { deviceOfKey } from "../../calls/device-key.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { MAX_BLOCKED, MAX_DO_NOT_DISTURB_DAYS, MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import { Problem } from "../../calls/problems.ts";
import { ownClient, type Person, type Tools } from "./tools.ts";

type Settings = ReplyOf<"getClient">;

export async function getClient(
  tools: Tools,
  person: Person,
  { clientId }: InputOf<"getClient">,
): Promise<Settings> {
  return settingsOf(await ownClient(tools, person, clientId));
}

/** Of a person from before their row named clients there are none, until one of their phones registers. */
export async function listClients(tools: Tools, person: Person): Promise<ReplyOf<"listClients">> {
  const { clientIds = [] } = await tools.persons.read(person.sub);
  const found = await Promise.all(clientIds.map((clientId) => tools.clients.read(clientId)));
  return { clients: found.flatMap((client) => (client ? [settingsOf(client)] : [])) };
}

export async function blockClient(
  tools: Tools,
  person: Person,
  { clientId, blockedId }: InputOf<"blockClient">,
): Promise<Settings> {
  const other = await tools.clients.read(blockedId);
  if (!other) throw new Problem("no_such_client", `client ${blockedId} does not exist`);
  if (other.sub === person.sub) throw refused("blockedId", "expected a client of somebody else");
  return change(tools, person, clientId, (client) => {
    const next = blocking(client, other, tools.edge.now());
    if (Object.keys(next.blocked ?? {}).length <= MAX_BLOCKED) return next;
    throw refused("blockedId", `expected at most ${MAX_BLOCKED} blocked clients`);
  });
}

export async function unblockClient(
  tools: Tools,
  person: Person,
  { clientId, blockedId }: InputOf<"unblockClient">,
): Promise<Settings> {
  return change(tools, person, clientId, (client) => unblocking(client, blockedId));
}

const DAY_MS = 86_400_000;

export async function setDoNotDisturb(
  tools: Tools,
  person: Person,
  { clientId, untilMs }: InputOf<"setDoNotDisturb">,
): Promise<Settings> {
  const nowMs = tools.edge.now();
  if (untilMs !== null && (untilMs <= nowMs || untilMs > nowMs + MAX_DO_NOT_DISTURB_DAYS * DAY_MS)) {
    throw refused("untilMs", `expected a time within the next ${MAX_DO_NOT_DISTURB_DAYS} days, or null`);
  }
  return change(tools, person, clientId, ({ doNotDisturbUntilMs: _before, ...client }) => ({
    ...client,
    ...(untilMs !== null && { doNotDisturbUntilMs: untilMs }),
  }));
}

const refused = (field: string, message: string): Problem =>
  new Problem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });

/** A loser recomputes from what the winner left. */
async function change(
  tools: Tools,
  person: Person,
  clientId: ClientId,
  decide: (client: Client) => Client,
): Promise<Settings> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const client = await ownClient(tools, person, clientId);
    const next = decide(client);
    if (await tools.clients.replaceSettings(client, next)) return settingsOf(next);
  }
  throw new Problem("try_again", "the client is being changed by others", { retryAfterSeconds: 1 });
}

function settingsOf({
  clientId,
  devices,
  blocked = {},
  doNotDisturbUntilMs,
  lostDevices,
  activeCallId,
}: Client): Settings {
  return {
    id: clientId,
    devices: Object.entries(devices).map(([key, lastSeenAtMs]) => ({
      deviceId: deviceOfKey(key),
      lastSeenAtMs,
    })),
    blockedIds: Object.keys(blocked).map((id) => clientIdSchema.parse(id)),
    ...(doNotDisturbUntilMs !== undefined && { doNotDisturbUntilMs }),
    ...(lostDevices && { lostDevices }),
    ...(activeCallId !== undefined && { activeCallId }),
  };
}
