/**
 * The Pinpoint application: an existing one, or one that the stack makes, with a channel for every credential that the deployment
 * names. Credentials are dynamic references: CloudFormation reads them from Secrets Manager, the template never holds them.
 */
import { type CfnResource, SecretValue, Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import {
  CfnAPNSChannel,
  CfnAPNSSandboxChannel,
  CfnAPNSVoipChannel,
  CfnAPNSVoipSandboxChannel,
  CfnApp,
  CfnGCMChannel,
} from "aws-cdk-lib/aws-pinpoint";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { setVariable } from "./function.ts";
import { physicalName } from "./physical-name.ts";
import type { PushCredentials, PushSettings } from "./push-settings.ts";

export interface PinpointApplication {
  readonly applicationId: string;
}

/** Undefined if the deployment names nothing to push with: AWS takes no new customers of Pinpoint, and would refuse an application. */
export function pinpointApplication(
  scope: Construct,
  { push, pinpointAppId, pushCredentials }: PushSettings,
): PinpointApplication | undefined {
  if (push !== "pinpoint") return undefined;
  if (pinpointAppId) return { applicationId: pinpointAppId };
  const { fcmSecret, apnsSecret, apnsCertificateSecret } = pushCredentials;
  const named = fcmSecret ?? apnsSecret ?? apnsCertificateSecret;
  return named ? new PushChannels(scope, "push", pushCredentials) : undefined;
}

/** Tells a function the application, and lets it send pushes by it. */
export function grantPinpoint(grantee: Function, { applicationId }: PinpointApplication): void {
  setVariable(grantee, "PINPOINT_APP_ID", applicationId);
  const messages = Stack.of(grantee).formatArn({
    service: "mobiletargeting",
    resource: "apps",
    resourceName: `${applicationId}/messages`,
  });
  allow(grantee, ["mobiletargeting:SendMessages"], messages);
}

class PushChannels extends Construct implements PinpointApplication {
  readonly applicationId: string;

  constructor(scope: Construct, id: string, credentials: PushCredentials) {
    super(scope, id);
    const app = acknowledged(new CfnApp(this, "app", { name: physicalName(this, "ringmaster") }));
    app.overrideLogicalId("PushApp");
    this.applicationId = app.ref;
    if (credentials.fcmSecret) this.#addFcm(credentials.fcmSecret);
    const apns = apnsCredentials(credentials);
    if (apns) this.#addApns(apns, credentials.apnsSandbox);
  }

  #addFcm(secret: string): void {
    acknowledged(
      new CfnGCMChannel(this, "fcm", {
        applicationId: this.applicationId,
        enabled: true,
        // Pinpoint's own default is KEY, the legacy API that Google has switched off.
        defaultAuthenticationMethod: "TOKEN",
        serviceJson: SecretValue.secretsManager(secret).unsafeUnwrap(),
      }),
    );
  }

  #addApns(credentials: ApnsCredentials, sandbox: boolean): void {
    const channel = { applicationId: this.applicationId, enabled: true, ...credentials };
    acknowledged(new CfnAPNSChannel(this, "apns", channel));
    acknowledged(new CfnAPNSVoipChannel(this, "apns-voip", channel));
    if (!sandbox) return;
    acknowledged(new CfnAPNSSandboxChannel(this, "apns-sandbox", channel));
    acknowledged(new CfnAPNSVoipSandboxChannel(this, "apns-voip-sandbox", channel));
  }
}

/** The members of the secrets are described in docs/push-credentials.md. */
function apnsCredentials({ apnsSecret, apnsCertificateSecret }: PushCredentials) {
  if (apnsSecret) {
    const field = fieldsOf(apnsSecret);
    return {
      defaultAuthenticationMethod: "KEY",
      bundleId: field("bundleId"),
      teamId: field("teamId"),
      tokenKeyId: field("keyId"),
      tokenKey: field("key"),
    };
  }
  if (apnsCertificateSecret) {
    const field = fieldsOf(apnsCertificateSecret);
    return {
      defaultAuthenticationMethod: "CERTIFICATE",
      bundleId: field("bundleId"),
      certificate: field("certificate"),
      privateKey: field("privateKey"),
    };
  }
  return undefined;
}

type ApnsCredentials = NonNullable<ReturnType<typeof apnsCredentials>>;

function fieldsOf(secret: string): (jsonField: string) => string {
  // Unwrapping yields the reference, not the secret.
  return (jsonField) => SecretValue.secretsManager(secret, { jsonField }).unsafeUnwrap();
}

function acknowledged<Resource extends CfnResource>(resource: Resource): Resource {
  acknowledge(
    resource,
    "What ended on 2026-10-30 are endpoints, segments and campaigns; AWS keeps applications, push channels and SendMessages",
    "CloudFormation-Validate::W3696",
  );
  return resource;
}
