/** `register` and `unregister`: which phones ring for a client. */
import type { Client } from "../../calls/client.ts";
import { type Device, withoutToken, withToken } from "../../calls/device.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { deviceIdSchema, newClientId } from "../../calls/ids.ts";
import { MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import { Problem } from "../../calls/problems.ts";
import { ClientUpdated } from "../../events/client-updated.ts";
import type { Announcement } from "../../events/event.ts";
import { ClientRegistered } from "../../events/client-registered.ts";
import { caused } from "../cause.ts";
import { type DeviceChange, tokenHash } from "../adapters/client-store.ts";
import { counted, ownClient, type Person, type Tools } from "./tools.ts";

/** Same person and same device token: same client. A token of somebody else moves: their phone is in other hands now. */
export async function register(
  tools: Tools,
  person: Person,
  input: InputOf<"register">,
): Promise<ReplyOf<"register">> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const nowMs = tools.edge.now();
    const { client, created, holder } = await clientToRegister(tools, person, input);
    const device = deviceOf(client, input, nowMs);
    const known = holder?.clientId === client.clientId;
    const [before, standing] = await Promise.all([
      created ? [] : tools.clients.devices(client.clientId),
      known ? undefined : tools.persons.read(person.sub),
    ]);
    // A token that the client has already does not count: apps register at each start.
    const registration = standing && counted(tools, person, standing, "registrations");
    const changes: DeviceChange[] = [
      { client, created, seen: true, before, after: withToken(before, device) },
    ];
    const taken = holder && !known ? await takenFrom(tools, person, holder, input) : undefined;
    if (taken) changes.push(taken);
    if (!(await tools.clients.commit(changes, nowMs, registration))) continue;
    const { clientId } = client;
    const { deviceId } = device;
    const { notifyType } = input;
    const detail = { v: 1, clientId, deviceId, notifyType, created, atMs: nowMs, ...caused() };
    await tools.publisher.publish([
      { name: ClientRegistered.name, detail },
      ...(taken ? lossesOf(taken) : []),
    ]);
    return { id: clientId, deviceId, created };
  }
  throw new Problem("try_again", "the client's devices are being changed by others", {
    retryAfterSeconds: 1,
  });
}

interface Registration {
  readonly client: Client;
  readonly created: boolean;
  /** The client that holds the token now. */
  readonly holder?: Client;
}

async function clientToRegister(
  tools: Tools,
  person: Person,
  input: InputOf<"register">,
): Promise<Registration> {
  const holderId = await tools.clients.holderOf(input.deviceToken);
  const holder = holderId && (await tools.clients.read(holderId));
  const found = holder ? { holder } : {};
  if (input.clientId)
    return { client: await ownClient(tools, person, input.clientId), created: false, ...found };
  if (holder && holder.sub === person.sub) return { client: holder, created: false, holder };
  return { client: newClient(tools, person), created: true, ...found };
}

function newClient({ edge }: Tools, { sub, username }: Person): Client {
  const nowMs = edge.now();
  const clientId = newClientId(edge.random(16));
  return { clientId, sub, username, devices: {}, revision: 1, createdAtMs: nowMs, lastSeenAtMs: nowMs };
}

/** A phone that does not name itself is named by its token. */
function deviceOf(
  { clientId }: Client,
  { notifyType, deviceToken, deviceId }: InputOf<"register">,
  nowMs: number,
): Device {
  const named = deviceId ?? deviceIdSchema.parse(`d-${tokenHash(deviceToken).slice(0, 16)}`);
  return { clientId, deviceId: named, tokens: { [notifyType]: deviceToken }, lastSeenAtMs: nowMs };
}

async function takenFrom(
  { clients, edge }: Tools,
  person: Person,
  holder: Client,
  { deviceToken }: InputOf<"register">,
): Promise<DeviceChange> {
  const before = await clients.devices(holder.clientId);
  const after = withoutToken(before, deviceToken);
  const change = { client: holder, before, after };
  if (holder.sub === person.sub) return change;
  const atMs = edge.now();
  const gone = before.filter((device) => !after.includes(device));
  return { ...change, lost: gone.map(({ deviceId }) => ({ deviceId, atMs })) };
}

/** The person who had the phone did not do this, and learns it. Who has it now is not told. */
const lossesOf = ({ client: { clientId }, lost = [] }: DeviceChange): Announcement[] =>
  lost.map(({ deviceId, atMs }) => ({
    name: ClientUpdated.name,
    detail: { v: 1, clientId, change: "device_token_lost", deviceId, atMs, ...caused() },
  }));

export async function unregister(
  tools: Tools,
  person: Person,
  { clientId, deviceId, deviceToken }: InputOf<"unregister">,
): Promise<ReplyOf<"unregister">> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const client = await ownClient(tools, person, clientId);
    const before = await tools.clients.devices(clientId);
    const others = deviceId ? before.filter((device) => device.deviceId !== deviceId) : before;
    const after = deviceToken ? withoutToken(others, deviceToken) : others;
    if (after.length === before.length && after.every((device) => before.includes(device))) {
      return { id: clientId, removed: false };
    }
    if (await tools.clients.commit([{ client, before, after }], tools.edge.now()))
      return { id: clientId, removed: true };
  }
  throw new Problem("try_again", "the client's devices are being changed by others", {
    retryAfterSeconds: 1,
  });
}
