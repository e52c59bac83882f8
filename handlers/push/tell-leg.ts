/** Tells one leg's phones, and forgets tokens that are gone for good. */
import { type Call, legOf } from "../../calls/call.ts";
import { withoutToken, withToken } from "../../calls/device.ts";
import type { ClientId } from "../../calls/ids.ts";
import { addressesFor, type LegOutcomes, legsToTell, type Push, pushFor } from "../../calls/pushes.ts";
import type { CallChanging } from "../call/change-call.ts";
import { type RuntimeInputs, logger, measure } from "../edge/handler.ts";
import type { ClientStore } from "../store/client-store.ts";
import type { Directory } from "../store/directory.ts";
import { deliver, type Delivery } from "./deliver-push.ts";
import type { PushResult, PushSender } from "./port.ts";

export interface SendPush extends CallChanging {
  readonly clients: Pick<ClientStore, "read" | "devices" | "commit">;
  readonly directory: Pick<Directory, "nameOf">;
  readonly sender: PushSender;
  readonly edge: RuntimeInputs;
}

export interface LegToTell {
  readonly call: Call;
  readonly leg: number;
  readonly type: Push["type"];
  /** Read once for all legs, beside their devices. */
  readonly callerName: Promise<string>;
}

/** Undefined if the leg has no phone to tell. */
export async function tellLeg(tools: SendPush, toTell: LegToTell): Promise<LegOutcomes | undefined> {
  const { call, leg, type } = toTell;
  const of = legOf(call, leg);
  // A client with do not disturb on has no phones for this call.
  const [callerName, devices] = await Promise.all([
    toTell.callerName,
    of.silenced ? [] : tools.clients.devices(of.clientId),
  ]);
  const addresses = addressesFor(type, of, devices);
  if (addresses.length === 0 && type !== "incoming_call") return undefined;
  const results = await deliver(delivery(tools, { ...toTell, callerName }), addresses);
  // Outcomes are recorded even if removing tokens fails: otherwise these phones would ring again. The next push finds the tokens.
  await forgetDeadTokens(tools, of.clientId, results).catch((error: Error) =>
    logger.error("device tokens not changed", { error }),
  );
  const outcomes = results.map(
    ({ address, outcome, reason }) =>
      [address.deviceId, { outcome, channel: address.notifyType, ...(reason && { reason }) }] as const,
  );
  const signIns = devices.flatMap(({ deviceId, signIn }) => (signIn ? [{ deviceId, signIn }] : []));
  return { leg, type, devices: new Map(outcomes), signIns };
}

/** A push tells the truth when it is sent: a repeat reads the call again. */
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
