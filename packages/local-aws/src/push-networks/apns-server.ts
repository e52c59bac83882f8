/** APNs on a laptop: the provider API over HTTP/2, for the production host or the sandbox. */
import { randomUUID } from "node:crypto";
import { errors, jwtVerify } from "jose";
import type { LocalAws } from "../local-aws.ts";
import { apnsPayload, checkApnsHeaders } from "./apns-message.ts";
import type { ApnsCredentials } from "./credentials.ts";
import {
  type LoopbackReply,
  type LoopbackRequest,
  type LoopbackServer,
  openLoopbackServer,
  retryAfterHeader,
} from "./loopback-server.ts";
import { type Content, refuse, Refused } from "./push-content.ts";
import type { DeliveryStatus, PushChannel, PushNetworks, PushOutcome } from "./push-networks.ts";

const PROVIDER_TOKEN_SECONDS = 3_600;
const LARGEST_PAYLOAD_BYTES = { voip: 5_120, other: 4_096 } as const;

export interface ApnsServer extends LoopbackServer {
  /** The key that signs provider tokens, and what it is known by. */
  readonly credentials: ApnsCredentials;
  /** Different provider tokens that were accepted. */
  readonly tokensSeen: () => number;
}

export interface ApnsServerOptions {
  readonly localAws: LocalAws;
  readonly networks: PushNetworks;
  readonly credentials: ApnsCredentials;
  readonly sandbox: boolean;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const newId = (): string => randomUUID();

export async function openApnsServer(options: ApnsServerOptions): Promise<ApnsServer> {
  const { localAws, credentials } = options;
  const seen = new Set<string>();

  async function answer(request: LoopbackRequest): Promise<LoopbackReply> {
    const wrong = wrongRequest(request) ?? (await wrongToken(request, credentials, localAws.clock.now()));
    if (wrong) return wrong;
    seen.add(request.headers["authorization"] ?? "");
    try {
      return deliver(options, request);
    } catch (error) {
      if (error instanceof Refused) return refusal(error.outcome.statusCode ?? 400, reasonIn(error.message));
      throw error;
    }
  }

  const server = await openLoopbackServer(localAws.clock, async (request) => {
    const { status, headers, body } = await answer(request);
    return { status, body, headers: { "apns-id": request.headers["apns-id"] ?? newId(), ...headers } };
  });
  return { ...server, credentials, tokensSeen: () => seen.size };
}

const refusal = (status: number, reason: string): LoopbackReply => ({ status, body: { reason } });
/** Refusals explain themselves behind the reason. */
const reasonIn = (message: string): string => message.split(":")[0] ?? "";

function wrongRequest({ method, path }: LoopbackRequest): LoopbackReply | undefined {
  if (!path.startsWith("/3/device/")) return refusal(404, "BadPath");
  return method === "POST" ? undefined : refusal(405, "MethodNotAllowed");
}

async function wrongToken(
  { headers }: LoopbackRequest,
  { publicKey, teamId, keyId }: ApnsCredentials,
  nowMs: number,
): Promise<LoopbackReply | undefined> {
  const [, token] = /^bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (!token) return refusal(403, "MissingProviderToken");
  try {
    const checks = { issuer: teamId, algorithms: ["ES256"], maxTokenAge: PROVIDER_TOKEN_SECONDS };
    const { protectedHeader } = await jwtVerify(token, publicKey, {
      ...checks,
      currentDate: new Date(nowMs),
    });
    return protectedHeader.kid === keyId ? undefined : refusal(403, "InvalidProviderToken");
  } catch (error) {
    const expired = error instanceof errors.JWTExpired;
    return refusal(403, expired ? "ExpiredProviderToken" : "InvalidProviderToken");
  }
}

function deliver({ localAws, networks, credentials, sandbox }: ApnsServerOptions, request: LoopbackRequest) {
  const token = decodeURIComponent(request.path.slice("/3/device/".length));
  if (token === "") return refusal(400, "MissingDeviceToken");
  const { bundleId } = credentials;
  const topic = request.headers["apns-topic"];
  if (!topic) return refusal(400, "MissingTopic");
  if (topic !== bundleId && topic !== `${bundleId}.voip`) return refusal(400, "DeviceTokenNotForTopic");
  const id = request.headers["apns-id"];
  if (id !== undefined && !UUID.test(id)) return refusal(400, "BadMessageId");
  const voip = topic.endsWith(".voip");
  const content = contentOf(request, voip, localAws.clock.now());
  const channel: PushChannel = `APNS${voip ? "_VOIP" : ""}${sandbox ? "_SANDBOX" : ""}`;
  const outcome = networks.send(token, { ...content, channel });
  const told = { channel, address: `${token.slice(0, 6)}…`, data: content.data };
  localAws.emit({ kind: "push", ...told, outcome: outcome.status });
  return replyTo(outcome, localAws.clock.now());
}

function contentOf({ headers, body }: LoopbackRequest, voip: boolean, nowMs: number): Content {
  const bytes = Buffer.byteLength(body);
  if (bytes === 0) refuse(400, "PayloadEmpty");
  if (bytes > LARGEST_PAYLOAD_BYTES[voip ? "voip" : "other"]) refuse(413, "PayloadTooLarge");
  const { silent, contentAvailable: _, ...payload } = apnsPayload(body, "BadPayload: it");
  const pushType = headers["apns-push-type"] ?? (silent ? "background" : "alert");
  const priority = headers["apns-priority"] ?? "10";
  if (!["1", "5", "10"].includes(priority)) refuse(400, "BadPriority");
  const expiration = headers["apns-expiration"] ?? "0";
  if (!/^\d+$/.test(expiration)) refuse(400, "BadExpirationDate");
  const collapseId = headers["apns-collapse-id"];
  checkApnsHeaders({ pushType, priority, voip, collapseId });
  return {
    priority,
    ttlSeconds: Math.max(0, Number(expiration) - Math.floor(nowMs / 1_000)),
    pushType,
    ...(collapseId === undefined ? {} : { collapseId }),
    voip,
    ...payload,
  };
}

/** Reasons that a test may set for a token, with their status. */
const REASONS: Readonly<Record<string, number>> = {
  BadDeviceToken: 400,
  DeviceTokenNotForTopic: 400,
  TopicDisallowed: 400,
  ExpiredProviderToken: 403,
  InvalidProviderToken: 403,
  ExpiredToken: 410,
  Unregistered: 410,
  PayloadTooLarge: 413,
  TooManyProviderTokenUpdates: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
};

const BY_STATUS: Readonly<Partial<Record<DeliveryStatus, string>>> = {
  PERMANENT_FAILURE: "Unregistered",
  THROTTLED: "TooManyRequests",
  TEMPORARY_FAILURE: "ServiceUnavailable",
};

function replyTo(outcome: PushOutcome, nowMs: number): LoopbackReply {
  const { status, statusMessage = "", retryAfterSeconds, goneSinceMs = nowMs } = outcome;
  if (status === "SUCCESSFUL") return { status: 200 };
  const known = Object.hasOwn(REASONS, statusMessage);
  const reason = known ? statusMessage : (BY_STATUS[status] ?? "InternalServerError");
  const code = REASONS[reason] ?? 500;
  return {
    status: code,
    headers: retryAfterHeader(retryAfterSeconds),
    body: { reason, ...(code === 410 && { timestamp: goneSinceMs }) },
  };
}
