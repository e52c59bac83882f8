/** The provider that a stack sends its pushes by, with the credentials of the account: the very adapters of `send-push`. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import * as z from "zod/mini";
import type { PushSender } from "../../handlers/push/port.ts";
import { type Connection, settingsOf } from "../clean-up-client.ts";
import { deployedStack } from "../doctor/deployed-stack.ts";

export interface PushConnection extends Connection {
  readonly stackName: string;
  /** Of an application that the stack uses and has not made. */
  readonly pinpointAppId?: string | undefined;
  /** Names of secrets, as `-c fcmSecret` and `-c apnsSecret` name them: sent directly then. */
  readonly fcmSecret?: string | undefined;
  readonly apnsSecret?: string | undefined;
  /** Where the networks are stood in for: FCM_ORIGIN, APNS_ORIGIN, APNS_SANDBOX_ORIGIN. */
  readonly origins?: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

export async function pushProvider(provider: PushConnection): Promise<PushSender> {
  const { fcmSecret, apnsSecret, now, random } = provider;
  if (fcmSecret === undefined && apnsSecret === undefined) return throughPinpoint(provider);
  const { directPush } = await import("../../handlers/push/direct/direct-push.ts");
  const { directPushVariables } = await import("../../handlers/push/direct/environment.ts");
  const variables = z
    .object(directPushVariables)
    .parse({ AWS_REGION: regionOf(provider), APNS_SANDBOX: "true", ...provider.origins });
  const secrets = { FCM_SECRET: fcmSecret, APNS_SECRET: apnsSecret };
  return directPush({ ...variables, ...secrets }, { now, random });
}

async function throughPinpoint(provider: PushConnection): Promise<PushSender> {
  const appId = provider.pinpointAppId ?? (await applicationOf(provider));
  const { pinpointPush } = await import("../../handlers/push/pinpoint/pinpoint-push.ts");
  return pinpointPush({ region: regionOf(provider), appId });
}

/** The adapters read endpoint and credentials from the environment, as functions do. */
const regionOf = ({ endpoint, region }: Connection): string =>
  region ?? process.env["AWS_REGION"] ?? settingsOf({ endpoint }).region ?? "us-east-1";

async function applicationOf({ stackName, endpoint, region }: PushConnection): Promise<string> {
  const stack = await deployedStack(new CloudFormationClient(settingsOf({ endpoint, region })), stackName);
  if (!stack) throw new Error(`there is no stack ${stackName}`);
  const application = stack.resources.find(({ type }) => type === "AWS::Pinpoint::App");
  if (application) return application.id;
  throw new Error(
    `stack ${stackName} has no Pinpoint application of its own: name it with --pinpoint-app, or secrets with --fcm-secret and --apns-secret`,
  );
}
