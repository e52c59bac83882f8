/**
 * Pushes what the call demands now to the phones that should hear it, and records what became of each push. The type is
 * derived from the call, and no device gets the same type twice, so running it again, or late, does no harm.
 */
import * as z from "zod";
import type { Call, PushOutcome } from "../calls/call.ts";
import { withoutToken, withToken } from "../calls/client.ts";
import { type ClientId, callIdSchema } from "../calls/ids.ts";
import { PUSH_RETRY_PAUSES_MS } from "../calls/limits.ts";
import {
  addressesFor,
  countOutcomes,
  type Push,
  type PushAddress,
  type PushType,
  pushFor,
  pushTypeDue,
  recordPushes,
} from "../calls/pushes.ts";
import type { Secret } from "../calls/secret.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./adapters/call-store.ts";
import { type ClientStore, clientStore } from "./adapters/client-store.ts";
import { eventBus } from "./adapters/event-bus.ts";
import { pinpointPush } from "./adapters/pinpoint-push.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger, measure } from "./handler.ts";

export interface PushResult {
  readonly address: PushAddress;
  readonly outcome: PushOutcome;
  /** The push service knows a newer token of the same app. */
  readonly replacement?: Secret;
}

/** A push service. Throws only if nothing was sent; what became of each address is its result. */
export interface PushSender {
  send(push: Push, addresses: readonly PushAddress[]): Promise<PushResult[]>;
}

export interface SendPush extends CallChanging {
  readonly clients: Pick<ClientStore, "read" | "devices" | "commit">;
  readonly sender: PushSender;
  readonly edge: Edge;
}

const input = z.object({ callId: callIdSchema });

export async function sendPush(tools: SendPush, { callId }: z.infer<typeof input>): Promise<WorkflowView> {
  logger.appendKeys({ callId });
  const call = await tools.calls.read(callId);
  if (!call) throw new Error(`call ${callId} does not exist`);
  logger.appendKeys({ causedBy: call.causedBy });
  const type = pushTypeDue(call, tools.edge.now());
  if (!type) return workflowView(call);
  const [caller, devices] = await Promise.all([
    tools.clients.read(call.callerId),
    tools.clients.devices(call.calleeId),
  ]);
  const addresses = addressesFor(type, call, devices);
  const push = () => pushFor(type, call, caller?.username ?? "", tools.edge.now());
  const results = await deliver(tools, push, addresses, call);
  await forgetDeadTokens(tools, call.calleeId, results);
  const outcomes = new Map(results.map(({ address, outcome }) => [address.deviceId, outcome]));
  report(type, outcomes);
  if (type !== "incoming_call" && results.length === 0) return workflowView(call);
  const decision = await changeKnownCall(tools, callId, recordPushes(type, outcomes), tools.edge.now());
  return workflowView(decision.call);
}

function report(type: PushType, outcomes: ReadonlyMap<string, PushOutcome>): void {
  const counts = countOutcomes(outcomes);
  logger.info("pushed", { type, ...counts });
  for (const [outcome, devices] of Object.entries(counts)) count(`Pushes_${outcome}`, devices);
}

/** Sends, and sends again what was throttled or failed for the moment, as long as the phone may still ring. */
async function deliver(
  { sender, edge: { pause, now } }: SendPush,
  push: () => Push,
  addresses: readonly PushAddress[],
  { ringUntilMs, status, createdAtMs }: Call,
): Promise<PushResult[]> {
  const results = new Map<PushAddress, PushResult>();
  let open = addresses;
  for (const pauseMs of [0, ...PUSH_RETRY_PAUSES_MS]) {
    if (open.length === 0 || (pauseMs > 0 && status !== "ended" && now() + pauseMs >= ringUntilMs)) break;
    if (pauseMs > 0) await pause(pauseMs);
    const reached = anyAccepted(results);
    const sent = sender.send(push(), open);
    // A repeat that breaks does not undo the first attempt: phones may be ringing.
    for (const result of await (pauseMs > 0 ? sent.catch(notRepeated) : sent))
      results.set(result.address, result);
    if (rings(status) && !reached && anyAccepted(results)) measure("TimeToPush", createdAtMs);
    open = open.filter((address) =>
      ["throttled", "failed"].includes(results.get(address)?.outcome ?? "failed"),
    );
  }
  return [...results.values()];
}

const rings = (status: Call["status"]): boolean => status === "calling" || status === "ringing";
const anyAccepted = (results: ReadonlyMap<PushAddress, PushResult>): boolean =>
  [...results.values()].some(({ outcome }) => outcome === "accepted");

function notRepeated(error: unknown): PushResult[] {
  logger.warn("push not repeated", { error: error as Error });
  return [];
}

/** Removes tokens that are gone for good and takes over newer ones, unless the client's devices changed meanwhile. */
async function forgetDeadTokens(
  { clients, edge: { now } }: SendPush,
  clientId: ClientId,
  results: PushResult[],
) {
  const changed = results.filter(({ outcome, replacement }) => outcome === "gone" || replacement);
  if (changed.length === 0) return;
  const [client, before] = await Promise.all([clients.read(clientId), clients.devices(clientId)]);
  if (!client) return;
  const after = changed.reduce((devices, { address, replacement }) => {
    const held = devices.find(({ deviceId }) => deviceId === address.deviceId);
    const left = withoutToken(devices, address.token);
    return replacement && held
      ? withToken(left, { ...held, tokens: { [address.notifyType]: replacement } })
      : left;
  }, before);
  const committed = await clients.commit([{ client, before, after }], now());
  logger.info("device tokens", { changed: changed.length, committed });
}

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "DEVICES_TABLE",
  "BUS_NAME",
  "PUSH",
  "PINPOINT_APP_ID",
);

function pushSender(): PushSender {
  if (env.PUSH === "none")
    return { send: async (_push, addresses) => addresses.map((address) => ({ address, outcome: "failed" })) };
  if (!env.PINPOINT_APP_ID)
    throw new Error("the function's environment is not complete: PINPOINT_APP_ID: needed by PUSH=pinpoint");
  return pinpointPush({ region: env.AWS_REGION, appId: env.PINPOINT_APP_ID });
}

const tools: SendPush = {
  calls: callStore(env),
  clients: clientStore(env),
  publisher: eventBus(env),
  sender: pushSender(),
  edge,
};

export const handler = defineHandler(input, async (call) => {
  const startedMs = edge.now();
  const view = await sendPush(tools, call);
  measure("PushTaskDuration", startedMs);
  count("PushTasks");
  return view;
});
