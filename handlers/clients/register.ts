/** `register` and `unregister`: which phones ring for a client. */
import type { Client } from "../../calls/client.ts";
import { type Device, holding, withoutToken, withToken } from "../../calls/device.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { type ClientId, deviceIdSchema, newClientId } from "../../calls/ids.ts";
import { MAX_CLIENTS, MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import { naming, type Renaming, type Standing } from "../../calls/standing.ts";
import { ClientRegistered, ClientUpdated } from "../../events/clients.ts";
import type { Announcement } from "../../events/event.ts";
import { caused } from "../edge/cause.ts";
import { type DeviceChange, tokenHash } from "../store/client-store.ts";
import {
  assertOwner,
  counted,
  ownClient,
  type Person,
  type CommandContext,
} from "../rest/command-context.ts";

/**
 * Three round trips in sequence for a known phone: the person's row and the token's client, their clients, the write. A token
 * of another person moves: the phone is in other hands now.
 */
export async function register(
  context: CommandContext,
  person: Person,
  input: InputOf<"register">,
): Promise<ReplyOf<"register">> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const nowMs = context.edge.now();
    const chosen = await clientToRegister(context, person, input);
    const { client, created, devices: before, holder, renaming, standing } = chosen;
    const device = deviceOf(chosen, person, input, nowMs);
    const isKnown = holder?.client.clientId === client.clientId;
    // A token that the client already has does not count: apps register at each start.
    const registration = isKnown ? undefined : counted(context, person, standing, "registrations");
    const taken = holder && !isKnown ? takenFrom(context, person, holder, input) : undefined;
    const changes: DeviceChange[] = [
      { client, created, seen: true, before, after: withToken(before, device) },
      ...(taken ? [taken] : []),
    ];
    const { clientId } = client;
    const { deviceId } = device;
    const { notifyType } = input;
    const detail = { v: 1, clientId, deviceId, notifyType, created, atMs: nowMs, ...caused() };
    const events = [{ name: ClientRegistered.name, detail }, ...(taken ? lossesOf(taken) : [])];
    const commit = () => context.clients.commit(changes, nowMs, registration, renaming);
    if (isRepeat(before, device)) {
      // A repeat's reply was true before, so it need not wait for the write.
      if ((await Promise.all([commit(), context.publisher.publish(events)]))[0])
        return { id: clientId, deviceId, created };
    } else if (await commit()) {
      await context.publisher.publish(events);
      return { id: clientId, deviceId, created };
    }
    if (attempt >= UNPAUSED_REPEATS)
      await context.edge.pause(((context.edge.random(1)[0] ?? 0) / 255) * CONFLICT_PAUSE_MS);
  }
  throw new Problem("try_again", "the client's devices are being changed by others", {
    retryAfterSeconds: 1,
  });
}

/** A person's phones that register at the same moment write the same row. Each round has one winner; later rounds pause randomly. */
const UNPAUSED_REPEATS = 3;
const CONFLICT_PAUSE_MS = 100;

/** Whether the device has this token already. */
function isRepeat(before: readonly Device[], { deviceId, tokens }: Device): boolean {
  const [[notifyType, token] = []] = Object.entries(tokens);
  return before.some(
    (one) =>
      one.deviceId === deviceId &&
      Object.entries(one.tokens).some(
        ([type, held]) => type === notifyType && held.reveal() === token?.reveal(),
      ),
  );
}

/** A client with its devices. */
interface Whole {
  readonly client: Client;
  readonly devices: readonly Device[];
}

interface Registration extends Whole {
  readonly created: boolean;
  /** The client that holds the token now. */
  readonly holder: Whole | undefined;
  readonly standing: Standing;
  /** The person's row must name the client. */
  readonly renaming: Renaming | undefined;
}

/** The named client; else the person's client that holds the token; else the person's default one; else a new one. */
async function clientToRegister(
  context: CommandContext,
  person: Person,
  input: InputOf<"register">,
): Promise<Registration> {
  const [standing, holderId] = await Promise.all([
    context.persons.read(person.sub),
    context.clients.holderOf(input.deviceToken),
  ]);
  const known = standing.clientIds ?? [];
  const wantedId = input.clientId ?? known[0];
  const [wanted, held] = await Promise.all([
    wantedId && wholeClient(context, wantedId),
    holderId && holderId !== wantedId ? wholeClient(context, holderId) : undefined,
  ]);
  const holder = holderId === wantedId ? wanted || undefined : held;
  const leaving = known.slice(0, 1).filter((clientId) => clientId === wantedId && !wanted);
  const found = { wanted: wanted || undefined, holder, standing, leaving };
  if (input.clientId !== undefined) return named(person, input.clientId, found);
  const own = holder?.client.sub === person.sub ? holder : undefined;
  if (input.anotherClient) return another(context, person, own, found);
  if (own) return registration(person, own, found);
  const existing = found.wanted ?? (await firstLiving(context, known.slice(1), leaving));
  return existing
    ? registration(person, existing, found)
    : registration(person, newClient(context, person), found, true);
}

interface Found {
  /** The client that the app names, else the person's default one. */
  readonly wanted: Whole | undefined;
  readonly holder: Whole | undefined;
  readonly standing: Standing;
  /** Clients that the row names but that do not exist. */
  readonly leaving: readonly ClientId[];
}

function named(person: Person, clientId: ClientId, found: Found): Registration {
  const { wanted } = found;
  if (!wanted) throw new Problem("no_such_client", `client ${clientId} does not exist`);
  assertOwner(wanted.client, person);
  return registration(person, wanted, found);
}

/** A repeat finds the token at a client that is not the person's first, and makes no further client. */
function another(
  context: CommandContext,
  person: Person,
  own: Whole | undefined,
  found: Found,
): Registration {
  const [first = own?.client.clientId, ...more] = found.standing.clientIds ?? [];
  if (own && (own.client.another || own.client.clientId !== first)) return registration(person, own, found);
  if (more.length + 2 > MAX_CLIENTS) {
    throw new Problem("too_many_clients", `expected at most ${MAX_CLIENTS} clients of one person`);
  }
  const made = newClient(context, person);
  const client = { ...made.client, another: true };
  return registration(person, { ...made, client }, found, true);
}

function registration(
  { sub }: Person,
  chosen: Whole,
  { holder, standing, leaving }: Found,
  created = false,
): Registration {
  const known = standing.clientIds ?? [];
  // A person without a row keeps the client that holds the token, with the requested one after it.
  const isFirst = known.length === 0 && holder?.client.sub === sub;
  const joining = [...(isFirst ? [holder.client.clientId] : []), chosen.client.clientId];
  const renaming = naming(sub, known, { joining, leaving });
  return { ...chosen, created, holder, standing, renaming };
}

async function wholeClient({ clients }: CommandContext, clientId: ClientId): Promise<Whole | undefined> {
  const [client, devices] = await Promise.all([clients.read(clientId), clients.devices(clientId)]);
  return client && { client, devices };
}

/** A row may name a client that does not exist: a version without rows deleted it. */
async function firstLiving(
  context: CommandContext,
  ids: readonly ClientId[],
  leaving: ClientId[],
): Promise<Whole | undefined> {
  for (const clientId of ids) {
    const found = await wholeClient(context, clientId);
    if (found) return found;
    leaving.push(clientId);
  }
  return undefined;
}

function newClient({ edge }: CommandContext, { sub, username }: Person): Whole {
  const nowMs = edge.now();
  const clientId = newClientId(edge.random(16));
  const client = {
    clientId,
    sub,
    username,
    devices: {},
    revision: 1,
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
  };
  return { client, devices: [] };
}

/** A phone without a name is the device that has its token; a new one is named after its token. */
function deviceOf(
  { client: { clientId }, devices }: Whole,
  { signIn }: Person,
  { notifyType, deviceToken, deviceId }: InputOf<"register">,
  nowMs: number,
): Device {
  const named =
    deviceId ??
    holding(devices, deviceToken)?.deviceId ??
    deviceIdSchema.parse(`d-${tokenHash(deviceToken).slice(0, 16)}`);
  const tokens = { [notifyType]: deviceToken };
  return { clientId, deviceId: named, tokens, lastSeenAtMs: nowMs, ...(signIn && { signIn }) };
}

function takenFrom(
  { edge }: CommandContext,
  person: Person,
  { client, devices: before }: Whole,
  { deviceToken }: InputOf<"register">,
): DeviceChange {
  const after = withoutToken(before, deviceToken);
  const change = { client, before, after };
  if (client.sub === person.sub) return change;
  const atMs = edge.now();
  const removed = before.filter((device) => !after.includes(device));
  return { ...change, lost: removed.map(({ deviceId }) => ({ deviceId, atMs })) };
}

/** The earlier owner of the phone did not do this, so they are told; its new owner is not named. */
const lossesOf = ({ client: { clientId }, lost = [] }: DeviceChange): Announcement[] =>
  lost.map(({ deviceId, atMs }) => ({
    name: ClientUpdated.name,
    detail: { v: 1, clientId, change: "device_token_lost", deviceId, atMs, ...caused() },
  }));

export async function unregister(
  context: CommandContext,
  person: Person,
  { clientId, deviceId, deviceToken }: InputOf<"unregister">,
): Promise<ReplyOf<"unregister">> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const client = await ownClient(context, person, clientId);
    const before = await context.clients.devices(clientId);
    const others = deviceId ? before.filter((device) => device.deviceId !== deviceId) : before;
    const after = deviceToken ? withoutToken(others, deviceToken) : others;
    if (after.length === before.length && after.every((device) => before.includes(device))) {
      return { id: clientId, removed: false };
    }
    if (await context.clients.commit([{ client, before, after }], context.edge.now()))
      return { id: clientId, removed: true };
  }
  throw new Problem("try_again", "the client's devices are being changed by others", {
    retryAfterSeconds: 1,
  });
}
