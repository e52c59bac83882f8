/** A person's settings of their client: the clients it blocks, and the end of do not disturb. */
import type { Client } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { deviceOfKey } from "../../calls/device-key.ts";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { MAX_BLOCKED, MAX_DO_NOT_DISTURB_DAYS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import type { SettingsOutcome } from "../store/client-settings.ts";
import { readSlots } from "../rest/slots.ts";
import { ownClient, type Person, type CommandContext } from "../rest/command-context.ts";

type Settings = ReplyOf<"getClient">;

export async function getClient(
  context: CommandContext,
  person: Person,
  { clientId }: InputOf<"getClient">,
): Promise<Settings> {
  return settingsOf(context, await ownClient(context, person, clientId));
}

/** None for a person from before rows named clients, until one of their phones registers. */
export async function listClients(context: CommandContext, person: Person): Promise<ReplyOf<"listClients">> {
  const { clientIds = [] } = await context.persons.read(person.sub);
  const found = await Promise.all(clientIds.map((clientId) => context.clients.read(clientId)));
  const clients = found.flatMap((client) => (client ? [settingsOf(context, client)] : []));
  return { clients: await Promise.all(clients) };
}

export async function blockClient(
  context: CommandContext,
  { sub }: Person,
  { clientId, blockedId }: InputOf<"blockClient">,
): Promise<Settings> {
  const [other, settings] = await Promise.all([context.clients.read(blockedId), context.settings()]);
  if (!other) throw new Problem("no_such_client", `client ${blockedId} does not exist`);
  if (other.sub === sub) throw refused("blockedId", "expected another person's client");
  return decided(context, clientId, await settings.block({ clientId, sub }, other, context.edge.now()));
}

export async function unblockClient(
  context: CommandContext,
  { sub }: Person,
  { clientId, blockedId }: InputOf<"unblockClient">,
): Promise<Settings> {
  const settings = await context.settings();
  return decided(context, clientId, await settings.unblock({ clientId, sub }, blockedId));
}

const DAY_MS = 86_400_000;

export async function setDoNotDisturb(
  context: CommandContext,
  { sub }: Person,
  { clientId, untilMs }: InputOf<"setDoNotDisturb">,
): Promise<Settings> {
  const nowMs = context.edge.now();
  if (untilMs && (untilMs <= nowMs || untilMs > nowMs + MAX_DO_NOT_DISTURB_DAYS * DAY_MS)) {
    throw refused("untilMs", `expected a time within the next ${MAX_DO_NOT_DISTURB_DAYS} days, or 0`);
  }
  const settings = await context.settings();
  return decided(context, clientId, await settings.disturbAfter({ clientId, sub }, untilMs || undefined));
}

const refused = (field: string, message: string): Problem =>
  new Problem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });

async function decided(
  context: CommandContext,
  clientId: ClientId,
  outcome: SettingsOutcome,
): Promise<Settings> {
  switch (outcome.kind) {
    case "changed":
      return settingsOf(context, outcome.client);
    case "no_such_client":
      throw new Problem("no_such_client", `client ${clientId} does not exist`);
    case "not_your_client":
      throw new Problem("not_your_client", `client ${clientId} belongs to another person`);
    case "full":
      throw refused("blockedId", `expected at most ${MAX_BLOCKED} blocked clients`);
  }
}

/** A slot may still name a call that is over or that the client has left: only a call that it takes part in counts. */
async function settingsOf(context: CommandContext, client: Client): Promise<Settings> {
  const { clientId, devices, blocked = {}, doNotDisturbUntilMs, lostDevices } = client;
  const activeCallId = (await readSlots(context, [client])).holderOf(client)?.callId;
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
