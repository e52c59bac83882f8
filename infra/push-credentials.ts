/** What a function needs to push to FCM and APNs itself: the secrets that hold the credentials. */
import { Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { allow } from "./allow.ts";
import { setVariable } from "./function.ts";
import type { PushCredentials } from "./push-settings.ts";

/** Tells a function the secrets' names, and lets it read them. */
export function grantPushCredentials(grantee: Function, credentials: PushCredentials): void {
  const { fcmSecret, apnsSecret, apnsSandbox } = credentials;
  if (fcmSecret) setVariable(grantee, "FCM_SECRET", fcmSecret);
  if (apnsSecret) setVariable(grantee, "APNS_SECRET", apnsSecret);
  setVariable(grantee, "APNS_SANDBOX", String(apnsSandbox));
  const secrets = new Set([fcmSecret, apnsSecret].filter((name) => name !== undefined));
  for (const name of secrets) {
    // Secrets Manager ends every ARN with six random characters, which a name does not contain.
    const resource = `secret:${name}-??????`;
    const arn = Stack.of(grantee).formatArn({ service: "secretsmanager", resource });
    allow(grantee, ["secretsmanager:GetSecretValue"], arn);
  }
}
