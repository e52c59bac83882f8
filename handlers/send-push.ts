/**
 * Pushes what the call demands now to the phones that should hear it, and records what became of each push. The type is
 * derived from the call, and no device gets the same type twice, so running it again, or late, does no harm.
 */
import * as z from "zod/mini";
import { type Call, legOf, legsOf, type PushOutcome } from "../calls/call.ts";
import { withoutToken, withToken } from "../calls/device.ts";
import { callIdSchema, type ClientId, clientIdSchema } from "../calls/ids.ts";
import { UNTOLD_PAUSE_SECONDS } from "../calls/limits.ts";
import {
  addressesFor,
  countOutcomes,
  type LegOutcomes,
  legsToTell,
  type Push,
  type PushAddress,
  pushFor,
  recordPushes,
} from "../calls/pushes.ts";
import { hasPhonesToTell } from "../calls/pushes-due.ts";
import { passTime } from "../calls/rules.ts";
import type { Secret } from "../calls/secret.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { harmlessName } from "../people/name-text.ts";
import { callStore } from "./store/call-store.ts";
import { type ClientStore, clientStore } from "./store/client-store.ts";
import { type Directory, directory } from "./store/directory.ts";
import { eventBus } from "./edge/event-bus.ts";
import { type CallChanging, changeKnownCall } from "./call/change-call.ts";
import { deliver, type Delivery } from "./push/deliver-push.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, type Edge, edge, logger, measure } from "./edge/handler.ts";
import { lookAt } from "./call/look-at.ts";
import { pushSender } from "./push/push-sender.ts";

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
  readonly directory: Pick<Directory, "nameOf">;
  readonly sender: PushSender;
  readonly edge: Edge;
}

const input = z.object({
  callId: callIdSchema,
  /** What is read beside the call. Nothing follows from it: who is told in whose name, the call says. */
  ahead: z.optional(
    z.object({
      clientIds: z.array(clientIdSchema),
      callerId: clientIdSchema,
    }),
  ),
  /** The call is missed by who has not answered, which is written first. */
  ringIsOver: z.optional(z.boolean()),
  /** What the workflow has followed. */
  turn: z.optional(z.int().check(z.nonnegative())),
});

export async function sendPush(given: SendPush, request: z.infer<typeof input>): Promise<WorkflowView> {
  const { callId } = request;
  logger.appendKeys({ callId });
  const tools = readingAhead(given, request);
  const call = await callToTell(tools, request);
  logger.appendKeys({ causedBy: call.causedBy });
  const due = legsToTell(call, tools.edge.now()).filter(({ leg }) => hasPhonesToTell(legOf(call, leg)));
  if (due.length === 0) return workflowView(call);
  tools.sender.prepare?.();
  const callerName = callerNameOf(tools, call);
  const told = await Promise.allSettled(due.map((leg) => tellLeg(tools, { ...leg, call, callerName })));
  const ringLater = due.some(
    ({ type }, index) => type === "incoming_call" && told[index]?.status === "rejected",
  );
  const results = resultsOf(told, ringLater && isAnybodyTold(call));
  report(results);
  const { call: stands } = await changeKnownCall(tools, callId, recordPushes(results), tools.edge.now());
  const view = workflowView(stands);
  return ringLater ? lookSoon(view, tools.edge.now()) : view;
}

const isAnybodyTold = (call: Call): boolean => legsOf(call).some(({ told }) => told !== undefined);

/** Phones of a leg do not ring that should. The workflow finds that when it looks at the call again: soon, while it rings. */
const lookSoon = (view: WorkflowView, nowMs: number): WorkflowView => ({
  ...view,
  dueAtMs: Math.min(view.dueAtMs, nowMs + UNTOLD_PAUSE_SECONDS * 1000),
});

async function callToTell(
  tools: SendPush,
  { callId, ringIsOver, turn }: z.infer<typeof input>,
): Promise<Call> {
  if (ringIsOver) return (await lookAt(tools, { callId, turn }, passTime, tools.edge.now())).call;
  const call = await tools.calls.read(callId);
  if (!call) throw new Error(`call ${callId} does not exist`);
  return call;
}

function readingAhead(tools: SendPush, { ahead }: z.infer<typeof input>): SendPush {
  if (!ahead) return tools;
  const { clients } = tools;
  const { clientIds, callerId } = ahead;
  return {
    ...tools,
    clients: {
      ...clients,
      devices: begunBy(clientIds, (clientId) => clients.devices(clientId)),
      read: begunBy([callerId], (clientId) => clients.read(clientId)),
    },
  };
}

/** Reads these at once, for whoever asks first; whoever asks later reads again. */
function begunBy<Key, Found>(keys: readonly Key[], read: (key: Key) => Promise<Found>) {
  const begun = new Map(keys.map((key) => [key, read(key)]));
  // Who waits for it hears of it.
  for (const reading of begun.values()) reading.catch(() => undefined);
  return (key: Key): Promise<Found> => {
    const reading = begun.get(key);
    begun.delete(key);
    return reading ?? read(key);
  };
}

/** What was sent to one leg must not be forgotten because another leg's failed; if none was told at all, that is the failure. */
function resultsOf(
  told: readonly PromiseSettledResult<LegOutcomes | undefined>[],
  othersAreTold: boolean,
): LegOutcomes[] {
  const failures = told.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  if (failures.length === told.length && !othersAreTold) throw failures[0];
  for (const error of failures) logger.error("leg not told", { error });
  return told.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
}

/** As the directory has it; whoever is not in there is known by the name to sign in with. */
async function callerNameOf({ clients, directory }: SendPush, call: Call): Promise<string> {
  const caller = legsOf(call).find(({ clientId }) => clientId === call.callerId);
  const [name, client] = await Promise.all([
    caller && directory.nameOf(caller.sub),
    clients.read(call.callerId),
  ]);
  return name ?? harmlessName(client?.username ?? "");
}

interface LegToTell {
  readonly call: Call;
  readonly leg: number;
  readonly type: Push["type"];
  /** Read once for all legs, beside their devices. */
  readonly callerName: Promise<string>;
}

/** Undefined if there is no phone to tell. */
async function tellLeg(tools: SendPush, toTell: LegToTell): Promise<LegOutcomes | undefined> {
  const { call, leg, type } = toTell;
  const of = legOf(call, leg);
  // Whoever is not to be disturbed has no phones for this call.
  const [callerName, devices] = await Promise.all([
    toTell.callerName,
    of.silenced ? [] : tools.clients.devices(of.clientId),
  ]);
  const addresses = addressesFor(type, of, devices);
  if (addresses.length === 0 && type !== "incoming_call") return undefined;
  const results = await deliver(delivery(tools, { ...toTell, callerName }), addresses);
  // What was sent is on record whatever becomes of the tokens: else these phones would ring again. The next push finds them.
  await forgetDeadTokens(tools, of.clientId, results).catch((error: Error) =>
    logger.error("device tokens not changed", { error }),
  );
  const outcomes = results.map(
    ({ address, outcome }) => [address.deviceId, { outcome, channel: address.notifyType }] as const,
  );
  const signIns = devices.flatMap(({ deviceId, signIn }) => (signIn ? [{ deviceId, signIn }] : []));
  return { leg, type, devices: new Map(outcomes), signIns };
}

function report(results: readonly LegOutcomes[]): void {
  const types = [...new Set(results.map(({ type }) => type))];
  const counts = countOutcomes(results);
  logger.info("pushed", { types, ...counts });
  for (const [outcome, devices] of Object.entries(counts)) count(`Pushes_${outcome}`, devices);
}

/** What phones hear is true when they hear it: a repeat looks at the call again. */
function delivery(
  { calls, sender, edge }: SendPush,
  { call, leg, type, callerName }: Omit<LegToTell, "callerName"> & { readonly callerName: string },
): Delivery {
  const isDue = (of: Call | undefined, atMs: number): boolean =>
    of !== undefined && legsToTell(of, atMs).some((due) => due.leg === leg && due.type === type);
  return {
    sender,
    edge,
    push: () => pushFor(type, call, leg, { callerName, nowMs: edge.now() }),
    untilMs: type === "incoming_call" ? legOf(call, leg).ringUntilMs : Number.POSITIVE_INFINITY,
    isStillDue: async () => isDue(await calls.read(call.callId), edge.now()),
    ...(type === "incoming_call" && { onFirstAccepted: () => measure("TimeToPush", call.createdAtMs) }),
  };
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
  "PEOPLE_TABLE",
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
  directory: directory(env),
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
