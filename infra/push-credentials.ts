/** What a function needs to push to FCM and APNs itself: the secrets that hold the credentials. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import { setVariable } from "./function.ts";
import { allowNamedSecret } from "./named-secret.ts";
import type { PushCredentials } from "./push-settings.ts";

/** Tells a function the secrets' names, and lets it read them. */
export function grantPushCredentials(grantee: Function, credentials: PushCredentials): void {
  const { fcmSecret, apnsSecret, apnsSandbox } = credentials;
  if (fcmSecret) setVariable(grantee, "FCM_SECRET", fcmSecret);
  if (apnsSecret) setVariable(grantee, "APNS_SECRET", apnsSecret);
  setVariable(grantee, "APNS_SANDBOX", String(apnsSandbox));
  const secrets = new Set([fcmSecret, apnsSecret].filter((name) => name !== undefined));
  for (const name of secrets) allowNamedSecret(grantee, name);
}
