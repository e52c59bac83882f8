/** The push provider that the stack has chosen; the others are not loaded. Pages in browsers need none. */
import type { PushAddress } from "../../calls/pushes.ts";
import { readVariables } from "../edge/environment.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import { channelOf } from "./channels.ts";
import { directPushVariables } from "./direct/environment.ts";
import { pinpointVariables } from "./pinpoint/environment.ts";
import type { PushProvider, PushResult, PushSender } from "./port.ts";
import { sendGroups } from "./push-groups.ts";

/** Without a provider, phones that only a push could ring cannot be reached, and the call records why. */
const noProvider: PushSender = {
  send: async (_push, addresses) =>
    addresses.map((address) => ({
      address,
      outcome: "no_provider",
      reason: "the stack has no push provider",
    })),
};

/** A provider is a folder here, a name in `PUSH`, and a row of this table: each reads what it needs from the environment. */
const providers: Readonly<Record<PushProvider, (edge: RuntimeInputs) => Promise<PushSender>>> = {
  async direct(edge) {
    const { directPush } = await import("./direct/direct-push.ts");
    return directPush(readVariables(directPushVariables), edge);
  },
  async pinpoint() {
    const { AWS_REGION: region, PINPOINT_APP_ID: appId } = readVariables(pinpointVariables);
    // The stack has neither credentials nor an application.
    if (!appId) return noProvider;
    const { pinpointPush } = await import("./pinpoint/pinpoint-push.ts");
    return pinpointPush({ region, appId });
  },
  async none() {
    return noProvider;
  },
};

export const pushSender = async (provider: PushProvider, edge: RuntimeInputs): Promise<PushSender> =>
  besidePages(await providers[provider](edge));

const failed = (address: PushAddress): PushResult => ({
  address,
  outcome: "failed",
  reason: "no push network is known for the channel",
});

/** The provider gets the addresses that a push network reaches. */
export const besidePages = (sender: PushSender): PushSender => ({
  ...sender,
  send: (push, addresses) =>
    sendGroups([
      {
        addresses: addresses.filter((address) => isOnNetwork(address)),
        send: (others) => sender.send(push, others),
      },
      {
        // An open page has learned of the call by the GraphQL API; a closed page does not answer.
        addresses: addresses.filter((address) => channelOf(address)?.kind === "page"),
        send: async (pages) => pages.map((address) => ({ address, outcome: "accepted" })),
      },
      {
        addresses: addresses.filter((address) => channelOf(address) === undefined),
        send: async (strangers) => strangers.map(refused),
      },
    ]),
});

function isOnNetwork(address: PushAddress): boolean {
  const kind = channelOf(address)?.kind;
  return kind !== undefined && kind !== "page";
}

/** A newer release stored this channel: another network would report its token as broken. */
function refused(address: PushAddress): PushResult {
  logger.error("push not sent: no push network is known for the channel", { channel: address.notifyType });
  return failed(address);
}
