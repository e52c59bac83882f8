/** A stack that pushes directly (`-c push=direct`) on a laptop: its functions find local push networks and the credentials for them. */
import { keepSecret } from "./kept-secret.ts";
import type { PushServers } from "../packages/local-aws/src/push-networks/push-servers.ts";
import type { FunctionEnvironment } from "../packages/local-aws/src/runtime.ts";

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
