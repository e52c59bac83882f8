/** FCM and APNs for functions that push to them directly, with credentials that hold here only. */
import type { Door } from "../door.ts";
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

export function createDirectPush(door: Door, networks: PushNetworks): DirectPush {
  let opening: Promise<PushServers> | undefined;
  let opened: PushServers | undefined;
  return {
    async open() {
      opening ??= openPushServers(door, networks);
      return (opened = await opening);
    },
    servers: () => opened,
    close: () => opened?.close(),
  };
}
