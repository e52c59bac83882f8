/** Push without a service in between: each token goes to FCM or APNs itself. */
import type { Push, PushAddress } from "../../../calls/pushes.ts";
import { type RuntimeInputs, logger, withDeadline } from "../../edge/handler.ts";
import type { PushResult, PushSender } from "../port.ts";
import type { DirectPushEnvironment } from "./environment.ts";
import { apnsNetwork } from "./apns-network.ts";
import { fcmNetwork, type DirectNetwork } from "./fcm-network.ts";
import { sendGroups } from "../push-groups.ts";
import { channelOf } from "../channels.ts";

/** For one token, including retries after a lost connection or an expired credential. */
const SEND_MS = 5_000;

export function directPush(
  env: DirectPushEnvironment,
  edge: Pick<RuntimeInputs, "now" | "random">,
): PushSender {
  const source = { region: env.AWS_REGION, now: edge.now };
  const fcm = env.FCM_SECRET
    ? fcmNetwork({ ...source, secret: env.FCM_SECRET, origin: env.FCM_ORIGIN })
    : unconfigured("fcmSecret");
  const apns = env.APNS_SECRET
    ? apnsNetwork({
        ...source,
        random: edge.random,
        secret: env.APNS_SECRET,
        origin: env.APNS_ORIGIN,
        sandboxOrigin: env.APNS_SANDBOX_ORIGIN,
      })
    : unconfigured("apnsSecret");
  const sandbox = env.APNS_SANDBOX === "true" ? apns : unconfigured("apnsSandbox");
  const networkOf = (address: PushAddress): DirectNetwork | undefined => {
    const channel = channelOf(address);
    switch (channel?.kind) {
      case "fcm":
        return fcm;
      case "apns":
      case "voip":
        return channel.sandbox ? sandbox : apns;
      case "page":
      case undefined:
        return undefined;
    }
  };
  return {
    prepare() {
      fcm.prepare();
      apns.prepare();
    },
    send: (push, addresses) =>
      sendGroups(
        // The sandbox is the same network, or not configured.
        [...new Set([fcm, apns, sandbox])].map((network) => ({
          addresses: addresses.filter((address) => networkOf(address) === network),
          send: (those) => sendToAll(network, push, those),
        })),
      ),
  };
}

/** Throws if the network could not be reached for any of them. */
const sendToAll = (
  network: DirectNetwork,
  push: Push,
  addresses: readonly PushAddress[],
): Promise<PushResult[]> =>
  sendGroups(
    addresses.map((address) => ({
      addresses: [address],
      send: async () => [await withDeadline(SEND_MS, () => network.send(push, address))],
    })),
  );

/** The log says what is missing. */
const unconfigured = (setting: string): DirectNetwork => ({
  prepare: () => undefined,
  async send(_push, address) {
    const reason = `the stack has no ${setting}`;
    logger.warn("push refused", { network: address.notifyType, reason });
    return { address, outcome: "no_provider", reason };
  },
});
