/**
 * Push through Pinpoint's SendMessages (AWS End User Messaging Push), by address. The reply is always a 200 with an outcome
 * for each address, and Pinpoint retries none of them.
 */
import {
  type DirectMessageConfiguration,
  type MessageResult,
  PinpointClient,
  SendMessagesCommand,
} from "@aws-sdk/client-pinpoint";
import type { PushOutcome } from "../../../calls/call.ts";
import { isSameToken } from "../../../calls/device-token.ts";
import type { Push, PushAddress } from "../../../calls/pushes.ts";
import { Secret } from "../../../calls/secret.ts";
import { logger } from "../../edge/handler.ts";
import type { PushResult, PushSender } from "../port.ts";
import { clientOptions } from "../../edge/client-options.ts";
import { sendGroups } from "../push-groups.ts";
import { channelOf, PUSH_KINDS, type PushKind } from "../channels.ts";
import { apnsMessage, fcmMessage } from "../push-messages.ts";

export function pinpointPush(options: { readonly region: string; readonly appId: string }): PushSender {
  const client = new PinpointClient(clientOptions(options.region));

  async function sendKind(
    push: Push,
    kind: PushKind,
    addresses: readonly PushAddress[],
  ): Promise<PushResult[]> {
    const sendable = addresses.filter(isSendable);
    if (sendable.length === 0) return addresses.map(unsendable);
    const Addresses = sendable.map(({ token, notifyType }) => [token.reveal(), { ChannelType: notifyType }]);
    const MessageRequest = {
      Addresses: Object.fromEntries(Addresses),
      MessageConfiguration: message(push, kind),
    };
    const command = new SendMessagesCommand({ ApplicationId: options.appId, MessageRequest });
    const { MessageResponse } = await client.send(command);
    const results = new Map(Object.entries(MessageResponse?.Result ?? {}));
    return addresses.map((address) =>
      isSendable(address) ? resultOf(address, results.get(address.token.reveal())) : unsendable(address),
    );
  }

  return {
    // A message's settings hold for every address of the request, so each kind has its own request.
    send: (push, addresses) =>
      sendGroups(
        PUSH_KINDS.map((kind) => ({
          addresses: addresses.filter((address) => channelOf(address)?.kind === kind),
          send: (those) => sendKind(push, kind, those),
        })),
      ),
  };
}

const unsendable = (address: PushAddress): PushResult => ({
  address,
  outcome: "gone",
  reason: "not a device token",
});

/** The SDK drops a member of this name, and no network has such a token. */
const isSendable = ({ token }: PushAddress): boolean => token.reveal() !== "__proto__";

const isSame = ({ notifyType, token }: PushAddress, other: string): boolean =>
  isSameToken(notifyType, token, new Secret(other));

function message(push: Push, kind: PushKind): DirectMessageConfiguration {
  if (kind !== "fcm") {
    const { pushType, priority, ttlSeconds, collapseId, payload } = apnsMessage(push, kind);
    return {
      APNSMessage: {
        APNSPushType: pushType,
        Priority: priority,
        TimeToLive: ttlSeconds,
        ...(collapseId && { CollapseId: collapseId }),
        RawContent: payload,
      },
    };
  }
  return {
    GCMMessage: {
      PreferredAuthenticationMethod: "TOKEN",
      Priority: "high",
      TimeToLive: push.ttlSeconds,
      RawContent: JSON.stringify({ fcmV1Message: { message: fcmMessage(push) } }),
    },
  };
}

function resultOf(address: PushAddress, result: MessageResult | undefined): PushResult {
  const replacement = result?.UpdatedToken;
  const outcome = outcomeOf(result);
  // The message is left out: a push network may have put the token into it.
  if (outcome === "failed") {
    logger.warn("push refused", {
      network: address.notifyType,
      status: result?.DeliveryStatus,
      code: result?.StatusCode,
    });
  }
  return {
    address,
    outcome,
    ...(outcome !== "accepted" && { reason: reasonOf(result) }),
    ...(replacement && !isSame(address, replacement) && { replacement: new Secret(replacement) }),
  };
}

/** Takes only the network's own code from the message: the rest may hold the token. */
function reasonOf({ DeliveryStatus, StatusCode, StatusMessage = "" }: Partial<MessageResult> = {}): string {
  const code = NETWORK_CODE.exec(StatusMessage)?.[0];
  return [code ?? DeliveryStatus ?? "no result", StatusCode && `(${StatusCode})`].filter(Boolean).join(" ");
}

const OUTCOMES: ReadonlyMap<string, PushOutcome> = new Map([
  ["SUCCESSFUL", "accepted"],
  ["DUPLICATE", "accepted"],
  ["OPT_OUT", "gone"],
  ["THROTTLED", "throttled"],
]);

/** Pinpoint's other statuses may pass: temporary and unknown failures, timeouts. */
export function outcomeOf(result: MessageResult | undefined): PushOutcome {
  const status = result?.DeliveryStatus ?? "";
  if (status === "PERMANENT_FAILURE") return isTokenInvalid(result) ? "gone" : "failed";
  return OUTCOMES.get(status) ?? "failed";
}

const GONE = 410;
/** Messages of APNs and of FCM's HTTP v1 and legacy APIs that blame the token. */
const TOKEN_REASON =
  /BadDeviceToken|DeviceTokenNotForTopic|ExpiredToken|Unregistered|NotRegistered|InvalidRegistration|MismatchSenderId|SENDER_ID_MISMATCH|SenderId mismatch|registration token|message\.token/i;

/** Reasons as APNs and FCM spell them; no token is such a word. */
const NETWORK_CODE =
  /\b(?:Bad(?:DeviceToken|Topic|Priority|CollapseId|ExpirationDate|Certificate\w*)|DeviceTokenNotForTopic|ExpiredToken|Unregistered|NotRegistered|InvalidRegistration|MismatchSenderId|SENDER_ID_MISMATCH|UNREGISTERED|INVALID_ARGUMENT|InvalidProviderToken|ExpiredProviderToken|MissingProviderToken|TopicDisallowed|MissingTopic|InvalidPushType|PayloadTooLarge|PayloadEmpty|TooManyRequests|QUOTA_EXCEEDED|UNAVAILABLE|THIRD_PARTY_AUTH_ERROR|Shutdown|InternalServerError|ServiceUnavailable)\b/;

/** Pinpoint also calls bad credentials and bad payloads permanent: those are our mistake, not the token's. */
const isTokenInvalid = ({ StatusCode, StatusMessage = "" }: Partial<MessageResult> = {}): boolean =>
  StatusCode === GONE || TOKEN_REASON.test(StatusMessage);
