/** APNs over HTTP/2: one request a token, to the production host or the sandbox. */
import * as z from "zod/mini";
import type { PushOutcome } from "../../../calls/call.ts";
import { newPushId } from "../../../calls/ids.ts";
import type { Push, PushAddress } from "../../../calls/pushes.ts";
import { logger } from "../../edge/handler.ts";
import type { PushResult } from "../port.ts";
import { apnsKeySchema, providerTokens } from "./apns-provider-token.ts";
import { cachedSecret, parseSecret, pushSecret, type SecretSource } from "../../edge/cached-secret.ts";
import type { DirectNetwork } from "./fcm-network.ts";
import { type Http2Reply, http2Host, retryAfter } from "./http2-host.ts";
import { channelOf } from "../channels.ts";
import { apnsMessage } from "../push-messages.ts";

export interface ApnsOptions extends SecretSource {
  readonly secret: string;
  readonly origin: string;
  readonly sandboxOrigin: string;
  readonly random: (bytes: number) => Uint8Array;
}

export function apnsNetwork(options: ApnsOptions): DirectNetwork {
  const production = http2Host(options.origin, options.now);
  const sandbox = http2Host(options.sandboxOrigin, options.now);
  const credentials = cachedSecret(options, options.secret, (text) => {
    const key = parseSecret(pushSecret(options.secret), apnsKeySchema, text);
    return { bundleId: key.bundleId, tokens: providerTokens(options.secret, key, options.now) };
  });

  async function post(
    push: Push,
    address: PushAddress,
    apnsId: string,
  ): Promise<{ reply: Http2Reply; drop: () => void }> {
    const host = channelOf(address)?.sandbox ? sandbox : production;
    host.warm();
    const { bundleId, tokens } = await credentials();
    const token = await tokens.get();
    const { path, headers, body } = apnsRequest(push, address, { bundleId, nowMs: options.now() });
    const reply = await host.post({
      path,
      headers: { authorization: `bearer ${token}`, "apns-id": apnsId, ...headers },
      body,
    });
    return { reply, drop: () => tokens.drop(token) };
  }

  async function send(push: Push, address: PushAddress): Promise<PushResult> {
    const apnsId = newPushId(options.random(16));
    let { reply, drop } = await post(push, address, apnsId);
    if (refusalOf(reply).reason === "ExpiredProviderToken") {
      drop();
      ({ reply } = await post(push, address, apnsId));
    }
    const refusal = refusalOf(reply);
    const outcome = apnsOutcome(reply.status, refusal, address.seenAtMs);
    const told = { network: "apns", apnsId };
    if (outcome === "accepted") logger.info("push accepted", told);
    else logger.warn("push refused", { ...told, code: reply.status, reason: refusal.reason, outcome });
    const reason = refusal.reason ?? `HTTP ${reply.status}`;
    return {
      address,
      outcome,
      ...(outcome !== "accepted" && { reason }),
      ...retryAfter(reply.headers, options.now()),
    };
  }

  const prepared = async () => (await credentials()).tokens.get();
  return { send, prepare: () => void prepared().catch(() => undefined) };
}

/** The request, without the provider token and the push's own id. */
export function apnsRequest(
  push: Push,
  address: PushAddress,
  { bundleId, nowMs }: { readonly bundleId: string; readonly nowMs: number },
) {
  const kind = channelOf(address)?.kind === "voip" ? "voip" : "apns";
  const { pushType, priority, ttlSeconds, collapseId, payload } = apnsMessage(push, kind);
  return {
    path: `/3/device/${encodeURIComponent(address.token.reveal())}`,
    headers: {
      "apns-topic": kind === "voip" ? `${bundleId}.voip` : bundleId,
      "apns-push-type": pushType,
      "apns-priority": priority,
      "apns-expiration": String(Math.floor(nowMs / 1_000) + ttlSeconds),
      ...(collapseId && { "apns-collapse-id": collapseId }),
    },
    body: payload,
  };
}

const refusalSchema = z.object({
  reason: z.string().check(z.regex(/^\w{1,64}$/)),
  /** Since when APNs knows the token to be gone, in milliseconds. */
  timestamp: z.optional(z.number()),
});

export interface ApnsRefusal {
  readonly reason?: string;
  readonly timestamp?: number | undefined;
}

function refusalOf({ status, body }: Http2Reply): ApnsRefusal {
  if (status === 200) return {};
  const parsed = refusalSchema.safeParse(jsonOf(body));
  return parsed.success ? parsed.data : {};
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, not APNs
  }
}

/** Reasons about the token: malformed, or another app's. */
const WRONG_TOKEN = new Set(["BadDeviceToken", "DeviceTokenNotForTopic"]);

/**
 * A token is gone only if APNs's reason is about the token. A token registered again after APNs saw it go is
 * valid again.
 */
function apnsOutcome(
  httpStatus: number,
  { reason = "", timestamp = Infinity }: ApnsRefusal,
  seenAtMs: number,
): PushOutcome {
  switch (httpStatus) {
    case 200:
      return "accepted";
    case 400:
      return WRONG_TOKEN.has(reason) ? "gone" : "failed";
    case 410:
      return timestamp < seenAtMs ? "failed" : "gone";
    case 429:
      return "throttled";
    default:
      return "failed";
  }
}
