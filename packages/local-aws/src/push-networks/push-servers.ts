/** FCM and APNs for functions that push to them directly, with credentials that hold here only. */
import type { LocalAws } from "../local-aws.ts";
import { type ApnsServer, openApnsServer } from "./apns-server.ts";
import { makeApnsCredentials } from "./credentials.ts";
import { type FcmServer, openFcmServer } from "./fcm-server.ts";
import type { PushNetworks } from "./push-networks.ts";

export interface PushServers {
  readonly fcm: FcmServer;
  readonly apns: ApnsServer;
  readonly sandbox: ApnsServer;
  close(): void;
}

export async function openPushServers(localAws: LocalAws, networks: PushNetworks): Promise<PushServers> {
  const credentials = makeApnsCredentials();
  const options = { localAws, networks, credentials };
  const [fcm, apns, sandbox] = await Promise.all([
    openFcmServer(localAws, networks),
    openApnsServer({ ...options, sandbox: false }),
    openApnsServer({ ...options, sandbox: true }),
  ]);
  return {
    fcm,
    apns,
    sandbox,
    close() {
      for (const server of [fcm, apns, sandbox]) server.close();
    },
  };
}

export interface DirectPush {
  /** The servers; they are opened when they are first asked for. */
  open(): Promise<PushServers>;
  /** The servers, if they are open. */
  servers(): PushServers | undefined;
  close(): void;
}

export function createDirectPush(localAws: LocalAws, networks: PushNetworks): DirectPush {
  let opening: Promise<PushServers> | undefined;
  let opened: PushServers | undefined;
  return {
    async open() {
      opening ??= openPushServers(localAws, networks);
      return (opened = await opening);
    },
    servers: () => opened,
    close: () => opened?.close(),
  };
}
