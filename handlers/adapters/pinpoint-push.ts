/**
 * Push through Pinpoint's SendMessages (AWS End User Messaging Push), by address. The reply is a 200 whatever became of
 * each address: the outcome is per address, and Pinpoint retries none of them.
 */
import {
  type APNSMessage,
  type DirectMessageConfiguration,
  type MessageResult,
  PinpointClient,
  SendMessagesCommand,
} from "@aws-sdk/client-pinpoint";
import type { PushOutcome } from "../../calls/call.ts";
import { isVoip } from "../../calls/device.ts";
import type { Push, PushAddress } from "../../calls/pushes.ts";
import { Secret } from "../../calls/secret.ts";
import type { PushResult, PushSender } from "../send-push.ts";
import { clientOptions } from "./client-options.ts";

/** A message's settings hold for every address of the request: so one request a kind. */
const KINDS = ["fcm", "voip", "apns"] as const;
type Kind = (typeof KINDS)[number];

export function pinpointPush(options: { readonly region: string; readonly appId: string }): PushSender {
  const client = new PinpointClient(clientOptions(options.region));

  async function sendKind(push: Push, kind: Kind, addresses: readonly PushAddress[]): Promise<PushResult[]> {
    if (addresses.length === 0) return [];
    const Addresses = addresses.map(({ token, notifyType }) => [token.reveal(), { ChannelType: notifyType }]);
    const MessageRequest = {
      Addresses: Object.fromEntries(Addresses),
      MessageConfiguration: message(push, kind),
    };
    const command = new SendMessagesCommand({ ApplicationId: options.appId, MessageRequest });
    const { MessageResponse } = await client.send(command);
    return addresses.map((address) => resultOf(address, MessageResponse?.Result?.[address.token.reveal()]));
  }

  return {
    async send(push, addresses) {
      const groups = KINDS.map((kind) => addresses.filter(({ notifyType }) => kindOf(notifyType) === kind));
      const sent = await Promise.allSettled(
        groups.map((group, at) => sendKind(push, KINDS[at] ?? "fcm", group)),
      );
      const failed = sent.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
      if (
        failed.length > 0 &&
        sent.every((one, at) => one.status === "rejected" || groups[at]?.length === 0)
      ) {
        throw failed[0];
      }
      // What one request did must not be forgotten because another failed.
      return sent.flatMap((one, at) =>
        one.status === "fulfilled"
          ? one.value
          : (groups[at] ?? []).map((address) => resultOf(address, undefined)),
      );
    },
  };
}

const kindOf = (notifyType: PushAddress["notifyType"]): Kind =>
  notifyType === "GCM" ? "fcm" : isVoip(notifyType) ? "voip" : "apns";

function message(push: Push, kind: Kind): DirectMessageConfiguration {
  if (kind !== "fcm") return { APNSMessage: apnsMessage(push, kind === "voip") };
  const RawContent = JSON.stringify({
    fcmV1Message: { message: { data: push.data, android: androidOf(push) } },
  });
  return {
    GCMMessage: {
      PreferredAuthenticationMethod: "TOKEN",
      Priority: "high",
      TimeToLive: push.ttlSeconds,
      RawContent,
    },
  };
}

function androidOf({ type, data, ttlSeconds }: Push) {
  const collapse = type === "incoming_call" ? {} : { collapse_key: data["call_id"] };
  return { priority: "high", ttl: `${ttlSeconds}s`, ...collapse };
}

/** VoIP wakes the app; an alert is shown by the system; everything else updates the app in the background. */
function apnsMessage(push: Push, voip: boolean): APNSMessage {
  const alert = voip ? undefined : alertOf(push);
  return {
    APNSPushType: voip ? "voip" : alert ? "alert" : "background",
    // Apple refuses background pushes of priority 10.
    Priority: voip || alert ? "10" : "5",
    TimeToLive: push.ttlSeconds,
    ...(push.type !== "incoming_call" && { CollapseId: push.data["call_id"] }),
    RawContent: JSON.stringify({ aps: alert ?? { "content-available": 1 }, ...push.data }),
  };
}

function alertOf({ type, data }: Push): Record<string, unknown> | undefined {
  const title = {
    incoming_call: `${data["caller_name"]} is calling`,
    missed_call: `Missed call from ${data["caller_name"]}`,
  }[type as string];
  if (!title) return undefined;
  return {
    alert: { title },
    sound: "default",
    category: type,
    "thread-id": data["caller_id"],
    "content-available": 0,
  };
}

function resultOf(address: PushAddress, result: MessageResult | undefined): PushResult {
  const replacement = result?.UpdatedToken;
  return {
    address,
    outcome: outcomeOf(result?.DeliveryStatus),
    ...(replacement && replacement !== address.token.reveal() && { replacement: new Secret(replacement) }),
  };
}

const OUTCOMES: Readonly<Record<string, PushOutcome>> = {
  SUCCESSFUL: "accepted",
  DUPLICATE: "accepted",
  PERMANENT_FAILURE: "gone",
  OPT_OUT: "gone",
  THROTTLED: "throttled",
};

/** Whatever else Pinpoint says may pass: temporary and unknown failures, timeouts. */
const outcomeOf = (status = ""): PushOutcome => OUTCOMES[status] ?? "failed";
