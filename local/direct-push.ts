/** A stack that pushes directly (`-c push=direct`) on a laptop: its functions find local push networks and the credentials for them. */
import { AwsError, type LocalAws, PERSON, type Shape } from "../packages/local-aws/src/local-aws.ts";
import type { PushServers } from "../packages/local-aws/src/push-networks/push-servers.ts";
import type { FunctionEnvironment } from "../packages/local-aws/src/runtime.ts";
import { asItIs } from "../packages/local-aws/src/store/store.ts";

/** What the secrets must hold, in the form of docs/push-credentials.md. */
export function pushSecrets({ fcm, apns }: PushServers): { readonly fcm: string; readonly apns: string } {
  const { bundleId, teamId, keyId, key } = apns.credentials;
  return { fcm: fcm.serviceAccount, apns: JSON.stringify({ bundleId, teamId, keyId, key }) };
}

/** Where a function finds the networks. */
export const pushOrigins = ({ fcm, apns, sandbox }: PushServers) => ({
  FCM_ORIGIN: fcm.origin,
  APNS_ORIGIN: apns.origin,
  APNS_SANDBOX_ORIGIN: sandbox.origin,
});

export const directPushEnvironment: FunctionEnvironment = async (variables, { localAws, directPush }) => {
  const { PUSH, FCM_SECRET, APNS_SECRET } = variables;
  if (PUSH !== "direct") return {};
  const servers = await directPush.open();
  const secrets = pushSecrets(servers);
  await keepSecret(localAws, FCM_SECRET, secrets.fcm);
  await keepSecret(localAws, APNS_SECRET, secrets.apns);
  return pushOrigins(servers);
};

/**
 * On AWS the secret exists before the stack. This leaves alone a secret that the template makes itself, and writes the present
 * credentials into one that an earlier run has made.
 */
async function keepSecret(localAws: LocalAws, Name: string | undefined, SecretString: string): Promise<void> {
  if (!Name) return;
  const made = localAws.store.map("push.secrets", asItIs<true>());
  const secret = (operation: string, input: Shape) =>
    localAws.call({ service: "secretsmanager", operation, input, caller: PERSON });
  if (made.has(Name)) return void (await secret("PutSecretValue", { SecretId: Name, SecretString }));
  try {
    await secret("CreateSecret", { Name, SecretString });
    made.set(Name, true);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ResourceExistsException") throw error;
  }
}
