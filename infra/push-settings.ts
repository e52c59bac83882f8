/** What a deployment may choose of push: the provider, and the credentials or the application that it sends with. */
import { PUSH_PROVIDERS, type PushProvider } from "../handlers/push/port.ts";
import { flag, oneOf, type ReadContext, refusal, SettingError } from "./setting-values.ts";

/** Names of Secrets Manager secrets with push credentials, and which channels to make of them. */
export interface PushCredentials {
  readonly fcmSecret?: string;
  readonly apnsSecret?: string;
  readonly apnsCertificateSecret?: string;
  readonly apnsSandbox: boolean;
}

export interface PushSettings {
  readonly push: PushProvider;
  readonly pushCredentials: PushCredentials;
  /** A Pinpoint application that the account has, with its channels. */
  readonly pinpointAppId?: string;
}

export function readPush(context: ReadContext): PushSettings {
  const push = oneOf(context, "push", PUSH_PROVIDERS);
  const fcmSecret = secretName(context, "fcmSecret");
  const apnsSecret = secretName(context, "apnsSecret");
  const apnsCertificateSecret = secretName(context, "apnsCertificateSecret");
  const apnsSandbox = flag(context, "apnsSandbox", false);
  if (apnsSecret && apnsCertificateSecret) {
    throw new SettingError('context "apnsSecret" and "apnsCertificateSecret": name one of them, not both');
  }
  if (apnsSandbox && !apnsSecret && !apnsCertificateSecret) {
    throw new SettingError(
      'context "apnsSandbox": expected "apnsSecret" or "apnsCertificateSecret" beside it',
    );
  }
  if (push === "direct" && apnsCertificateSecret) {
    throw new SettingError(
      'context "apnsCertificateSecret": "push": "direct" signs in to APNs with a key; name one in "apnsSecret", or choose "pinpoint"',
    );
  }
  if (push === "none" && (fcmSecret ?? apnsSecret ?? apnsCertificateSecret)) {
    throw new SettingError(
      'context "push": "none" uses no credentials; leave them out or choose "pinpoint" or "direct"',
    );
  }
  const pinpointAppId = readPinpointApp(context, push);
  if (pinpointAppId && (fcmSecret ?? apnsSecret ?? apnsCertificateSecret)) {
    throw new SettingError(
      'context "pinpointAppId": an application that exists has its channels; leave out the secrets, or let the stack make an application',
    );
  }
  const pushCredentials = {
    ...(fcmSecret && { fcmSecret }),
    ...(apnsSecret && { apnsSecret }),
    ...(apnsCertificateSecret && { apnsCertificateSecret }),
    apnsSandbox,
  };
  return { push, pushCredentials, ...(pinpointAppId && { pinpointAppId }) };
}

function readPinpointApp(context: ReadContext, push: PushProvider): string | undefined {
  const given = context("pinpointAppId");
  if (given === undefined) return undefined;
  if (typeof given !== "string" || !/^[0-9a-f]{32}$/.test(given))
    throw refusal("pinpointAppId", "the id of a Pinpoint application, 32 hexadecimal digits", given);
  if (push === "pinpoint") return given;
  throw new SettingError(
    `context "pinpointAppId": "push": "${push}" uses no Pinpoint; leave one of them out`,
  );
}

function secretName(context: ReadContext, key: string): string | undefined {
  const given = context(key);
  if (given === undefined) return undefined;
  if (typeof given === "string" && /^[\w/+=.@-]{1,512}$/.test(given)) return given;
  // The message leaves out the value, which may be a credential pasted by mistake.
  throw new SettingError(
    `context "${key}": expected the name of a secret in Secrets Manager, not its ARN or value`,
  );
}
