/**
 * FCM and APNs for functions that push to them directly: opened when the first such function is created, with credentials
 * that hold here only.
 */
import { AwsError, type Door, PERSON, type Shape } from "../door.ts";
import { asItIs } from "../store/store.ts";
import { type ApnsServer, openApnsServer } from "./apns-server.ts";
import { apnsKeyFile, makeApnsCredentials } from "./credentials.ts";
import { type FcmServer, openFcmServer } from "./fcm-server.ts";
import type { PushNetworks } from "./push-networks.ts";

export interface PushServers {
  readonly fcm: FcmServer;
  readonly apns: ApnsServer;
  readonly sandbox: ApnsServer;
  /** What the secrets must hold. */
  readonly secrets: { readonly fcm: string; readonly apns: string };
  /** Where a function finds the servers. */
  readonly variables: Readonly<Record<string, string>>;
  close(): void;
}

export async function openPushServers(door: Door, networks: PushNetworks): Promise<PushServers> {
  const credentials = makeApnsCredentials();
  const options = { door, networks, credentials };
  const [fcm, apns, sandbox] = await Promise.all([
    openFcmServer(door, networks),
    openApnsServer({ ...options, sandbox: false }),
    openApnsServer({ ...options, sandbox: true }),
  ]);
  return {
    fcm,
    apns,
    sandbox,
    secrets: { fcm: fcm.secret, apns: apnsKeyFile(credentials) },
    variables: { FCM_ORIGIN: fcm.origin, APNS_ORIGIN: apns.origin, APNS_SANDBOX_ORIGIN: sandbox.origin },
    close() {
      for (const server of [fcm, apns, sandbox]) server.close();
    },
  };
}

export interface DirectPush {
  /** What a function's environment needs beside its own variables. */
  environment(variables: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
  /** The servers, if a function has needed them. */
  servers(): PushServers | undefined;
  close(): void;
}

export function createDirectPush(door: Door, networks: PushNetworks): DirectPush {
  let opening: Promise<PushServers> | undefined;
  let opened: PushServers | undefined;
  return {
    async environment({ PUSH, FCM_SECRET, APNS_SECRET }) {
      if (PUSH !== "direct") return {};
      opening ??= openPushServers(door, networks);
      opened = await opening;
      await keepSecret(door, FCM_SECRET, opened.secrets.fcm);
      await keepSecret(door, APNS_SECRET, opened.secrets.apns);
      return opened.variables;
    },
    servers: () => opened,
    close: () => opened?.close(),
  };
}

/**
 * On AWS the secret is there before the stack; one that the template makes itself is left alone. One that an earlier run has made
 * gets the credentials of now.
 */
async function keepSecret(door: Door, Name: string | undefined, SecretString: string): Promise<void> {
  if (!Name) return;
  const made = door.store.map("push.secrets", asItIs<true>());
  const secret = (operation: string, input: Shape) =>
    door.call({ service: "secretsmanager", operation, input, caller: PERSON });
  if (made.has(Name)) return void (await secret("PutSecretValue", { SecretId: Name, SecretString }));
  try {
    await secret("CreateSecret", { Name, SecretString });
    made.set(Name, true);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ResourceExistsException") throw error;
  }
}
