/** Both push providers, each with its local network, and the pushes that tests send. */
import { randomBytes } from "node:crypto";
import type { PushType } from "../../calls/call.ts";
import type { NotifyType } from "../../calls/device.ts";
import { type Push, type PushAddress, pushFor } from "../../calls/pushes.ts";
import { Secret } from "../../calls/secret.ts";
import { directPush } from "../../handlers/push/direct/direct-push.ts";
import type { DirectPushEnvironment } from "../../handlers/push/direct/environment.ts";
import { pinpointPush } from "../../handlers/push/pinpoint/pinpoint-push.ts";
import type { PushResult, PushSender } from "../../handlers/push/port.ts";
import { pushOrigins, pushSecrets } from "../../local/direct-push.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { createPinpoint } from "../../packages/local-aws/src/pinpoint/pinpoint.ts";
import { type PushNetworks, pushNetworks } from "../../packages/local-aws/src/push-networks/push-networks.ts";
import {
  openPushServers,
  type PushServers,
} from "../../packages/local-aws/src/push-networks/push-servers.ts";
import { createSecretsManager } from "../../packages/local-aws/src/secrets-manager/secrets-manager.ts";
import { ALICE, BOB, callFrom } from "./builders.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

export interface PushWorld extends AsyncDisposable {
  readonly aws: TestAws;
  readonly networks: PushNetworks;
  readonly sender: PushSender;
  push(type: PushType): Push;
  address(notifyType: NotifyType, token?: string): PushAddress;
  send(type: PushType, ...notifyTypes: NotifyType[]): Promise<PushResult[]>;
  /** The last message that a phone got. */
  arrived(token?: string): ReturnType<PushNetworks["inbox"]["last"]>;
}

const CALLEE = 2;
export const BOBS_TOKEN = "bobs-token";

function worldOf(aws: TestAws, networks: PushNetworks, sender: PushSender): PushWorld {
  const push = (type: PushType): Push => {
    const nowMs = aws.clock.now();
    return pushFor(type, callFrom(ALICE, BOB, { nowMs }), CALLEE, { callerName: "Alice", nowMs });
  };
  const address = (notifyType: NotifyType, token = BOBS_TOKEN): PushAddress => ({
    deviceId: `phone-of-${token}`,
    notifyType,
    token: new Secret(token),
    seenAtMs: aws.clock.now(),
  });
  return {
    aws,
    networks,
    sender,
    push,
    address,
    send: (type, ...notifyTypes) =>
      sender.send(
        push(type),
        notifyTypes.map((notifyType) => address(notifyType)),
      ),
    arrived: (token = BOBS_TOKEN) => networks.inbox.last(token),
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  };
}

export async function openPinpointWorld(): Promise<PushWorld> {
  const aws = await serveTestAws();
  const networks = pushNetworks(aws.localAws);
  const pinpoint = createPinpoint(aws.localAws, { networks });
  aws.localAws.register(pinpoint.service);
  const app = await pinpoint.resources["AWS::Pinpoint::App"]?.create({
    logicalId: "App",
    properties: { Name: "calls" },
    physicalName: () => "calls",
    assetPath: () => "",
  });
  return worldOf(aws, networks, pinpointPush({ region: REGION, appId: app?.ref ?? "" }));
}

export interface DirectWorld extends PushWorld {
  readonly servers: PushServers;
  /** The values of the secrets. */
  readonly secrets: ReturnType<typeof pushSecrets>;
  /** A sender of another instance of the function, or with other settings. */
  newSender(more?: Partial<DirectPushEnvironment>): PushSender;
  putSecret(name: "fcm" | "apns", SecretString: string): Promise<void>;
}

export async function openDirectWorld(): Promise<DirectWorld> {
  const aws = await serveTestAws();
  const networks = pushNetworks(aws.localAws);
  aws.localAws.register(createSecretsManager(aws.localAws).service);
  const servers = await openPushServers(aws.localAws, networks);
  const secret = async (operation: string, input: Record<string, string>) => {
    await aws.localAws.call({ service: "secretsmanager", operation, input, caller: PERSON });
  };
  const secrets = pushSecrets(servers);
  await secret("CreateSecret", { Name: "fcm", SecretString: secrets.fcm });
  await secret("CreateSecret", { Name: "apns", SecretString: secrets.apns });
  aws.asked.length = 0;
  const env = {
    AWS_REGION: REGION,
    FCM_SECRET: "fcm",
    APNS_SECRET: "apns",
    APNS_SANDBOX: "true",
    ...pushOrigins(servers),
  } as DirectPushEnvironment;
  const newSender = (more: Partial<DirectPushEnvironment> = {}) =>
    directPush({ ...env, ...more }, { now: () => aws.clock.now(), random: (bytes) => randomBytes(bytes) });
  return {
    ...worldOf(aws, networks, newSender()),
    servers,
    secrets,
    newSender,
    putSecret: (SecretId, SecretString) => secret("PutSecretValue", { SecretId, SecretString }),
    [Symbol.asyncDispose]() {
      servers.close();
      return aws[Symbol.asyncDispose]();
    },
  };
}
