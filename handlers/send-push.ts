/**
 * Pushes what the call demands now to the phones that should hear it, and records what became of each push. The type is
 * derived from the call, and no device gets the same type twice, so running it again, or late, does no harm.
 */
import * as z from "zod";
import type { PushOutcome } from "../calls/call.ts";
import { withoutToken, withToken } from "../calls/client.ts";
import { type ClientId, callIdSchema } from "../calls/ids.ts";
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
import { type CallChanging, changeKnownCall } from "./change-call.ts";
import { deliver } from "./deliver-push.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger, measure } from "./handler.ts";
import { pushSender } from "./push-sender.ts";

export interface PushResult {
  readonly address: PushAddress;
  readonly outcome: PushOutcome;
  /** The push service knows a newer token of the same app. */
  readonly replacement?: Secret;
  /** The push service wants to be left alone for that long. */
  readonly retryAfterMs?: number;
}

/** A push service. Throws only if nothing was sent; what became of each address is its result. */
export interface PushSender {
  /** Gets what sending needs, beside other work. Sending itself tells what went wrong. */
  prepare?(): void;
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
  tools.sender.prepare?.();
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
  "FCM_SECRET",
  "APNS_SECRET",
  "APNS_SANDBOX",
  "FCM_ORIGIN",
  "APNS_ORIGIN",
  "APNS_SANDBOX_ORIGIN",
);

const tools: SendPush = {
  calls: callStore(env),
  clients: clientStore(env),
  publisher: eventBus(env),
  sender: await pushSender(env, edge),
  edge,
};

export const handler = defineHandler(input, async (call) => {
  const startedMs = edge.now();
  const view = await sendPush(tools, call);
  measure("PushTaskDuration", startedMs);
  count("PushTasks");
  return view;
});
