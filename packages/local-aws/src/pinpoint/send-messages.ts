/** SendMessages by address: one result for each device token, inside a 200. */
import type { LocalAws, Operation, Shape } from "../local-aws.ts";
import { apnsContent } from "./apns-content.ts";
import { type App, type Apps, appWith } from "./apps.ts";
import { fcmContent } from "./fcm-content.ts";
import { type AddressConfiguration, type DirectMessage, messageRequest } from "./message-request.ts";
import { badRequest, newId } from "./pinpoint-error.ts";
import { type Content, refuse, Refused } from "../push-networks/push-content.ts";
import type { PushChannel, PushNetworks, PushOutcome } from "../push-networks/push-networks.ts";

/** A second, for each account and Region; AWS publishes no burst. */
const REQUESTS_PER_SECOND = 4_000;

export interface SendMessagesOptions {
  readonly apps: Apps;
  readonly localAws: LocalAws;
  readonly networks: PushNetworks;
  /** An app without any channel accepts them all. */
  readonly anyChannel: boolean;
}

export function sendMessages({ apps, localAws, networks, anyChannel }: SendMessagesOptions): Operation {
  function sendOne(
    app: App,
    token: string,
    message: DirectMessage,
    address: AddressConfiguration,
  ): PushOutcome {
    const channel = address.ChannelType;
    const { content, refused } = attempt(() => {
      checkChannel(app, channel, message, anyChannel);
      return contentFor(channel, message, address);
    });
    const outcome = content ? networks.send(token, { ...content, channel }) : refused;
    const told = { channel, address: `${token.slice(0, 6)}…`, data: content?.data ?? {} };
    localAws.emit({ kind: "push", ...told, outcome: outcome.status });
    localAws.meter("mobiletargeting:push", 1);
    return outcome;
  }

  return {
    quota: { perSecond: REQUESTS_PER_SECOND, burst: REQUESTS_PER_SECOND },
    permissions: (input) => [
      {
        action: "mobiletargeting:SendMessages",
        resource: localAws.arn("mobiletargeting", `apps/${String(input["ApplicationId"])}/messages`),
      },
    ],
    run(input) {
      const app = appWith(apps, input["ApplicationId"]);
      const { Addresses, MessageConfiguration } = readRequest(input["MessageRequest"]);
      const results = Object.entries(Addresses).map(([token, address]) => [
        token,
        resultShape(sendOne(app, token, MessageConfiguration, address)),
      ]);
      const Result: Shape = Object.fromEntries(results);
      return { MessageResponse: { ApplicationId: app.id, RequestId: newId(), Result } };
    },
  };
}

function readRequest(request: unknown) {
  const result = messageRequest.safeParse(request);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys : [];
  // A device token may be part of the path, and is secret.
  const path = (issue?.path ?? []).map((part, depth, all) => (all[depth - 1] === "Addresses" ? "*" : part));
  throw badRequest(`${["MessageRequest", ...path, ...unknown].join(".")}: ${issue?.message}`);
}

function attempt(
  make: () => Content,
): { content: Content; refused?: never } | { content?: never; refused: PushOutcome } {
  try {
    return { content: make() };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.outcome };
    throw error;
  }
}

function checkChannel(app: App, channel: PushChannel, message: DirectMessage, anyChannel: boolean): void {
  if (anyChannel && app.channels.size === 0) return;
  const configured = app.channels.get(channel);
  if (!configured?.enabled) refuse(400, `Channel ${channel} is not enabled for the application`);
  const method = message.GCMMessage?.PreferredAuthenticationMethod ?? configured?.authenticationMethod;
  if (channel === "GCM" && method === "KEY") {
    refuse(400, "FCM no longer takes legacy keys: PreferredAuthenticationMethod must be TOKEN");
  }
}

function contentFor(channel: PushChannel, message: DirectMessage, address: AddressConfiguration): Content {
  if (channel === "GCM") return fcmContent(message.GCMMessage ?? {}, address);
  return apnsContent(message.APNSMessage ?? {}, address, channel.startsWith("APNS_VOIP"));
}

function resultShape({ status, statusCode = 200, statusMessage, updatedToken }: PushOutcome): Shape {
  return {
    DeliveryStatus: status,
    StatusCode: statusCode,
    StatusMessage: statusMessage ?? "",
    ...(status === "SUCCESSFUL" ? { MessageId: newId() } : {}),
    ...(updatedToken ? { UpdatedToken: updatedToken } : {}),
  };
}
