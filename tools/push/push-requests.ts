/** The requests by which a push reaches its network, with everything in them but the credentials. */
import type { Push, PushAddress } from "../../calls/pushes.ts";
import { channelOf } from "../../handlers/push/channels.ts";
import { apnsRequest } from "../../handlers/push/direct/apns-network.ts";
import { directPushVariables } from "../../handlers/push/direct/environment.ts";
import { fcmRequest } from "../../handlers/push/direct/fcm-network.ts";

export interface PushRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface App {
  /** Of FCM. */
  readonly projectId: string;
  /** Of APNs. */
  readonly bundleId: string;
}

const hosts = {
  fcm: directPushVariables.FCM_ORIGIN.parse(undefined),
  apns: directPushVariables.APNS_ORIGIN.parse(undefined),
  apnsSandbox: directPushVariables.APNS_SANDBOX_ORIGIN.parse(undefined),
};

/** Undefined for a page in a browser: no network reaches it. */
export function pushRequest(
  push: Push,
  address: PushAddress,
  { projectId, bundleId }: App,
  nowMs: number,
): PushRequest | undefined {
  const channel = channelOf(address);
  switch (channel?.kind) {
    case "fcm": {
      const { path, headers, body } = fcmRequest(push, address, projectId);
      return request(hosts.fcm, path, { authorization: "Bearer <access token>", ...headers }, body);
    }
    case "apns":
    case "voip": {
      const { path, headers, body } = apnsRequest(push, address, { bundleId, nowMs });
      const host = channel.sandbox ? hosts.apnsSandbox : hosts.apns;
      return request(host, path, { authorization: "bearer <provider token>", ...headers }, body);
    }
    case "page":
    case undefined:
      return undefined;
  }
}

const request = (host: string, path: string, headers: PushRequest["headers"], body: string): PushRequest => ({
  method: "POST",
  url: `${host}${path}`,
  headers,
  body: JSON.parse(body) as unknown,
});
