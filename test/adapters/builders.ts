/** Alice, who calls; Bob, whom she calls; and Carol and Dave, who call too: the adapters' stored items for them. */
import { newCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import type { Device, NotifyType } from "../../calls/device.ts";
import { type CallId, callIdSchema, clientIdSchema, deviceIdSchema } from "../../calls/ids.ts";
import { Secret } from "../../calls/secret.ts";
import type { Stage } from "../../handlers/media/ivs/stage.ts";
import { newStage, type PooledStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { callKey } from "../../handlers/store/tables.ts";
import type { ClientStore } from "../../handlers/store/client-store.ts";
import type { Tables } from "./tables.ts";

/** The time at which every test begins. */
export const NOW = 1_800_000_000_000;

/** The last digit gives the shard of the sweep's index. */
export const callId = (n: number): CallId =>
  callIdSchema.parse(`01a3185c-5000-7000-8000-${n.toString(16).padStart(12, "0")}`);

const person = (n: number, name: string): Client => ({
  clientId: clientIdSchema.parse(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`),
  sub: `sub-of-${name}`,
  username: name,
  devices: {},
  revision: 1,
  createdAtMs: NOW,
  lastSeenAtMs: NOW,
});
export const ALICE = person(1, "alice");
export const BOB = person(2, "bob");
export const CAROL = person(3, "carol");
export const DAVE = person(4, "dave");

export const device = (
  owner: Client,
  deviceId: string,
  tokens: Partial<Record<NotifyType, string>>,
  lastSeenAtMs = NOW,
): Device => ({
  clientId: owner.clientId,
  deviceId: deviceIdSchema.parse(deviceId),
  tokens: Object.fromEntries(Object.entries(tokens).map(([type, token]) => [type, new Secret(token)])),
  lastSeenAtMs,
});

/** Stores a client with its devices, as its first registration does. */
export async function register(clients: ClientStore, client: Client, ...after: Device[]): Promise<Client> {
  await clients.commit([{ client, created: true, before: [], after }], NOW);
  const stored = await clients.read(client.clientId);
  if (!stored) throw new Error(`${client.username} was not registered`);
  return stored;
}

/** Stores a call as an admission does. */
export const storeCall = (tables: Tables, call: Call): Promise<void> =>
  tables.put("CALLS_TABLE", { ...callKey(call.callId), ...call });

const stage = (id: string): Stage => ({
  stageId: id,
  arn: `arn:aws:ivs:us-east-1:000000000000:stage/${id}`,
  endpoints: { events: `wss://${id}.example`, whip: `https://${id}.example` },
});

export const freeStage = (id: string): PooledStage => newStage(stage(id), NOW);

export const callFrom = (
  caller: Client,
  callee: Client,
  more: { n?: number; on?: Stage; nowMs?: number } = {},
): Call =>
  newCall({
    callId: callId(more.n ?? 1),
    caller,
    callees: [callee],
    media: "video",
    stage: more.on ?? stage("stage"),
    ringSeconds: 45,
    maxCallSeconds: 4 * 3600,
    nowMs: more.nowMs ?? NOW,
  });
