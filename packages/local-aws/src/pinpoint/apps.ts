/** Pinpoint applications and their push channels: what a template created, and what it may send. */
import { createHash } from "node:crypto";
import { type LocalAws, type Operation, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import { identityOf, type ResourceType, type ResourceTypes } from "../resource.ts";
import { badRequest, notFound } from "./pinpoint-error.ts";
import { PUSH_CHANNELS, type PushChannel } from "../push-networks/push-networks.ts";

export interface Channel {
  readonly enabled: boolean;
  readonly authenticationMethod: string;
}

export interface App {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly channels: Map<PushChannel, Channel>;
}

const MOST_APPS = 1000;

export type Apps = Map<string, App>;

export function appWith(apps: Apps, id: unknown): App {
  const app = apps.get(String(id));
  if (!app) throw notFound();
  return app;
}

/** Names of a channel in operations, replies, types of CloudFormation and ARNs. */
const CHANNELS: Readonly<Record<PushChannel, { operation: string; reply: string; type: string }>> = {
  GCM: { operation: "GetGcmChannel", reply: "GCMChannelResponse", type: "GCMChannel" },
  APNS: { operation: "GetApnsChannel", reply: "APNSChannelResponse", type: "APNSChannel" },
  APNS_SANDBOX: {
    operation: "GetApnsSandboxChannel",
    reply: "APNSSandboxChannelResponse",
    type: "APNSSandboxChannel",
  },
  APNS_VOIP: { operation: "GetApnsVoipChannel", reply: "APNSVoipChannelResponse", type: "APNSVoipChannel" },
  APNS_VOIP_SANDBOX: {
    operation: "GetApnsVoipSandboxChannel",
    reply: "APNSVoipSandboxChannelResponse",
    type: "APNSVoipSandboxChannel",
  },
};

export function appOperations(apps: Apps, localAws: LocalAws): Record<string, Operation> {
  const getters = PUSH_CHANNELS.map((channel) => [
    CHANNELS[channel].operation,
    getChannel(apps, localAws, channel),
  ]);
  return { GetApp: getApp(apps, localAws), GetApps: getApps(apps, localAws), ...Object.fromEntries(getters) };
}

const appArn = (localAws: LocalAws, input: Shape, rest = ""): string =>
  localAws.arn("mobiletargeting", `apps/${String(input["ApplicationId"])}${rest}`);

const applicationOf = ({ id, arn, name, createdAtMs }: App): Shape => ({
  Id: id,
  Arn: arn,
  Name: name,
  tags: {},
  CreationDate: new Date(createdAtMs).toISOString(),
});

/** Page sizes and tokens are texts here, as in the query. */
function getApps(apps: Apps, localAws: LocalAws): Operation {
  return {
    permissions: () => [
      { action: "mobiletargeting:GetApps", resource: localAws.arn("mobiletargeting", "apps") },
    ],
    run({ PageSize: limit, Token: token }) {
      const request = { member: "page-size", limit, most: MOST_APPS, token, refuse: badRequest };
      const { items, next } = listPage([...apps.values()], request);
      return {
        ApplicationsResponse: {
          Item: items.map(applicationOf),
          ...(next !== undefined && { NextToken: next }),
        },
      };
    },
  };
}

function getApp(apps: Apps, localAws: LocalAws): Operation {
  return {
    permissions: (input) => [{ action: "mobiletargeting:GetApp", resource: appArn(localAws, input) }],
    run(input) {
      return { ApplicationResponse: applicationOf(appWith(apps, input["ApplicationId"])) };
    },
  };
}

function getChannel(apps: Apps, localAws: LocalAws, channel: PushChannel): Operation {
  const { operation, reply } = CHANNELS[channel];
  return {
    permissions: (input) => [
      {
        action: `mobiletargeting:${operation}`,
        resource: appArn(localAws, input, `/channels/${channel.toLowerCase()}`),
      },
    ],
    run(input) {
      const app = appWith(apps, input["ApplicationId"]);
      const found = app.channels.get(channel);
      if (!found) throw notFound();
      const { enabled, authenticationMethod } = found;
      return {
        [reply]: {
          ApplicationId: app.id,
          Id: channel.toLowerCase(),
          Platform: channel,
          Enabled: enabled,
          DefaultAuthenticationMethod: authenticationMethod,
          HasCredential: true,
          IsArchived: false,
          Version: 1,
        },
      };
    },
  };
}

export function appResources(apps: Apps, localAws: LocalAws): ResourceTypes {
  const channels = PUSH_CHANNELS.map((channel) => [
    `AWS::Pinpoint::${CHANNELS[channel].type}`,
    channelResource(apps, channel),
  ]);
  return { "AWS::Pinpoint::App": appResource(apps, localAws), ...Object.fromEntries(channels) };
}

function appResource(apps: Apps, localAws: LocalAws): ResourceType {
  return {
    honoured: ["Name"],
    ignored: ["Tags"],
    remove: (id) => void apps.delete(id),
    create(request) {
      const { properties } = request;
      // Derived from the logical id, so that starts give the same.
      const id = createHash("sha256").update(identityOf(request)).digest("hex").slice(0, 32);
      const arn = localAws.arn("mobiletargeting", `apps/${id}`);
      const name = String(properties["Name"]);
      const channels = apps.get(id)?.channels ?? new Map<PushChannel, Channel>();
      apps.set(id, { id, arn, name, createdAtMs: localAws.clock.now(), channels });
      return { ref: id, attributes: { Id: id, Arn: arn } };
    },
  };
}

/** The credentials themselves are not tried: there is no push network to show them to. */
const CREDENTIALS = [
  "ApiKey",
  "ServiceJson",
  "BundleId",
  "TeamId",
  "TokenKey",
  "TokenKeyId",
  "Certificate",
  "PrivateKey",
];

/** Without a word AWS uses FCM's legacy keys, which Google has shut down. */
const fallbackAuthentication = (channel: PushChannel): string => (channel === "GCM" ? "KEY" : "TOKEN");

function channelResource(apps: Apps, channel: PushChannel): ResourceType {
  return {
    honoured: ["ApplicationId", "Enabled", "DefaultAuthenticationMethod"],
    ignored: CREDENTIALS,
    renewedBy: ["ApplicationId"],
    remove: (_ref, { ApplicationId }) => void apps.get(String(ApplicationId))?.channels.delete(channel),
    create({ properties, logicalId }) {
      const { ApplicationId, Enabled, DefaultAuthenticationMethod } = properties;
      const app = apps.get(String(ApplicationId));
      if (!app) throw new Error(`${logicalId}: no Pinpoint app ${String(ApplicationId)}`);
      app.channels.set(channel, {
        enabled: String(Enabled) === "true",
        authenticationMethod:
          typeof DefaultAuthenticationMethod === "string"
            ? DefaultAuthenticationMethod
            : fallbackAuthentication(channel),
      });
      const id = `${app.id}-${channel.toLowerCase()}`;
      return { ref: id, attributes: { Id: id } };
    },
  };
}
