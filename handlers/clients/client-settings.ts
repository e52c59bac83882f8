/** What a person decides about its client: whom it blocks, and until when it is not to be disturbed. */
import type { Client } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { deviceOfKey } from "../../calls/device-key.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { MAX_BLOCKED, MAX_DO_NOT_DISTURB_DAYS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import type { SettingsOutcome } from "../store/client-settings.ts";
import { readSlots } from "../rest/slots.ts";
import { ownClient, type Person, type Tools } from "../rest/tools.ts";

type Settings = ReplyOf<"getClient">;

export async function getClient(
  tools: Tools,
  person: Person,
  { clientId }: InputOf<"getClient">,
): Promise<Settings> {
  return settingsOf(tools, await ownClient(tools, person, clientId));
}

/** Of a person from before their row named clients there are none, until one of their phones registers. */
export async function listClients(tools: Tools, person: Person): Promise<ReplyOf<"listClients">> {
  const { clientIds = [] } = await tools.persons.read(person.sub);
  const found = await Promise.all(clientIds.map((clientId) => tools.clients.read(clientId)));
  const clients = found.flatMap((client) => (client ? [settingsOf(tools, client)] : []));
  return { clients: await Promise.all(clients) };
}

export async function blockClient(
  tools: Tools,
  { sub }: Person,
  { clientId, blockedId }: InputOf<"blockClient">,
): Promise<Settings> {
  const [other, settings] = await Promise.all([tools.clients.read(blockedId), tools.settings()]);
  if (!other) throw new Problem("no_such_client", `client ${blockedId} does not exist`);
  if (other.sub === sub) throw refused("blockedId", "expected another person's client");
  return decided(tools, clientId, await settings.block({ clientId, sub }, other, tools.edge.now()));
}

export async function unblockClient(
  tools: Tools,
  { sub }: Person,
  { clientId, blockedId }: InputOf<"unblockClient">,
): Promise<Settings> {
  const settings = await tools.settings();
  return decided(tools, clientId, await settings.unblock({ clientId, sub }, blockedId));
}

const DAY_MS = 86_400_000;

export async function setDoNotDisturb(
  tools: Tools,
  { sub }: Person,
  { clientId, untilMs }: InputOf<"setDoNotDisturb">,
): Promise<Settings> {
  const nowMs = tools.edge.now();
  if (untilMs !== null && (untilMs <= nowMs || untilMs > nowMs + MAX_DO_NOT_DISTURB_DAYS * DAY_MS)) {
    throw refused("untilMs", `expected a time within the next ${MAX_DO_NOT_DISTURB_DAYS} days, or null`);
  }
  const settings = await tools.settings();
  return decided(tools, clientId, await settings.disturbAfter({ clientId, sub }, untilMs ?? undefined));
}

const refused = (field: string, message: string): Problem =>
  new Problem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });

async function decided(tools: Tools, clientId: ClientId, outcome: SettingsOutcome): Promise<Settings> {
  switch (outcome.kind) {
    case "changed":
      return settingsOf(tools, outcome.client);
    case "no_such_client":
      throw new Problem("no_such_client", `client ${clientId} does not exist`);
    case "not_your_client":
      throw new Problem("not_your_client", `client ${clientId} belongs to another person`);
    case "full":
      throw refused("blockedId", `expected at most ${MAX_BLOCKED} blocked clients`);
  }
}

/** Its slot may still name a call that is over, or that it has left: only one that it takes part in is its call. */
async function settingsOf(tools: Tools, client: Client): Promise<Settings> {
  const { clientId, devices, blocked = {}, doNotDisturbUntilMs, lostDevices } = client;
  const activeCallId = (await readSlots(tools, [client])).holderOf(client)?.callId;
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
