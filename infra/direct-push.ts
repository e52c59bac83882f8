/** What a function needs to push to FCM and APNs itself: the names of the secrets with the credentials, and to read them. */
import { Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { allow } from "./allow.ts";
import type { PushCredentials } from "./push-settings.ts";

export function directPushEnvironment(credentials: PushCredentials): Record<string, string> {
  const { fcmSecret, apnsSecret, apnsSandbox } = credentials;
  return {
    ...(fcmSecret && { FCM_SECRET: fcmSecret }),
    ...(apnsSecret && { APNS_SECRET: apnsSecret }),
    APNS_SANDBOX: String(apnsSandbox),
  };
}

export function allowCredentials(grantee: Function, { fcmSecret, apnsSecret }: PushCredentials): void {
  const secrets = new Set([fcmSecret, apnsSecret].filter((name) => name !== undefined));
  for (const name of secrets) {
    // Secrets Manager ends every ARN with six random characters, which a name does not contain.
    const resource = `secret:${name}-??????`;
    const arn = Stack.of(grantee).formatArn({ service: "secretsmanager", resource });
    allow(grantee, ["secretsmanager:GetSecretValue"], arn);
  }
}
