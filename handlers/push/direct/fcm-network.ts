/** FCM's HTTP v1 API: one request a token. `fcmOutcome` reads the outcome from a reply. */
import * as z from "zod/mini";
import type { PushOutcome } from "../../../calls/call.ts";
import type { Push, PushAddress } from "../../../calls/pushes.ts";
import { logger } from "../../edge/handler.ts";
import type { PushResult } from "../port.ts";
import { cachedSecret, parseSecret, pushSecret, type SecretSource } from "../../edge/cached-secret.ts";
import { accessTokens, serviceAccountSchema } from "./fcm-access-token.ts";
import { type Http2Reply, http2Host, retryAfter } from "./http2-host.ts";
import { fcmMessage } from "../push-messages.ts";

export interface FcmOptions extends SecretSource {
  readonly secret: string;
  readonly origin: string;
}

export interface DirectNetwork {
  /** Gets the credentials early. */
  prepare(): void;
  /** Rejects if the network could not be reached. */
  send(push: Push, address: PushAddress): Promise<PushResult>;
}

const UNAUTHORIZED = 401;

export function fcmNetwork(options: FcmOptions): DirectNetwork {
  const host = http2Host(options.origin, options.now);
  const credentials = cachedSecret(options, options.secret, (text) => {
    const account = parseSecret(pushSecret(options.secret), serviceAccountSchema, text);
    return { projectId: account.project_id, tokens: accessTokens(account) };
  });

  async function post(push: Push, address: PushAddress): Promise<{ reply: Http2Reply; drop: () => void }> {
    host.warm();
    const { projectId, tokens } = await credentials();
    const accessToken = await tokens.get();
    const { path, headers, body } = fcmRequest(push, address, projectId);
    const authorization = `Bearer ${accessToken}`;
    const reply = await host.post({ path, headers: { authorization, ...headers }, body });
    return { reply, drop: () => tokens.drop(accessToken) };
  }

  async function send(push: Push, address: PushAddress): Promise<PushResult> {
    let { reply, drop } = await post(push, address);
    if (reply.status === UNAUTHORIZED && errorOf(reply).errorCode !== "THIRD_PARTY_AUTH_ERROR") {
      drop();
      ({ reply } = await post(push, address));
    }
    const error = errorOf(reply);
    const outcome = fcmOutcome(reply.status, error);
    if (outcome === "failed" || outcome === "throttled") {
      logger.warn("push refused", { network: "fcm", code: reply.status, ...error });
    }
    const reason = reasonOf(reply.status, error);
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

/** The request, without the access token. */
export const fcmRequest = (push: Push, { token }: PushAddress, projectId: string) => ({
  path: `/v1/projects/${encodeURIComponent(projectId)}/messages:send`,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message: { token: token.reveal(), ...fcmMessage(push) } }),
});

const errorSchema = z.object({
  error: z.object({
    status: z.optional(z.string()),
    message: z._default(z.string(), ""),
    details: z._default(
      z.array(
        z.object({
          errorCode: z.optional(z.string()),
          fieldViolations: z.optional(z.array(z.object({ field: z.optional(z.string()) }))),
        }),
      ),
      [],
    ),
  }),
});

export interface FcmError {
  /** The canonical code, such as NOT_FOUND. */
  readonly status?: string;
  /** FCM's own, such as UNREGISTERED. */
  readonly errorCode?: string;
  /** Fields of the request that are wrong. */
  readonly fields?: readonly string[];
  /** The message calls the token malformed, or another app's. The message itself is not kept: it may hold the token. */
  readonly blamesToken?: true;
}

/** FCM names a malformed token in the message alone: `errorCode` and status are those of any wrong request. */
const BLAMES_TOKEN =
  /registration token is not a valid|not a valid FCM registration token|SenderId mismatch/i;

function errorOf({ status, body }: Http2Reply): FcmError {
  if (status === 200) return {};
  const parsed = errorSchema.safeParse(jsonOf(body));
  if (!parsed.success) return {};
  const { details, message, status: canonical } = parsed.data.error;
  const errorCode = details.find((detail) => detail.errorCode)?.errorCode;
  const fields = details.flatMap(({ fieldViolations = [] }) =>
    fieldViolations.flatMap(({ field }) => field ?? []),
  );
  return {
    ...(canonical && { status: canonical }),
    ...(errorCode && { errorCode }),
    ...(fields.length > 0 && { fields }),
    ...(BLAMES_TOKEN.test(message) && { blamesToken: true }),
  };
}

/** FCM's code. For a wrong request it also names the field, which may be the token. */
function reasonOf(httpStatus: number, { errorCode, status, fields = [], blamesToken }: FcmError): string {
  const code = errorCode ?? status ?? `HTTP ${httpStatus}`;
  if (fields.length > 0) return `${code}: ${fields.join(", ")}`;
  return blamesToken && code !== "SENDER_ID_MISMATCH" ? `${code}: the registration token` : code;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, not FCM
  }
}

/** A token is gone only if FCM's error is about the token: a wrong message or credential is our mistake. */
function fcmOutcome(httpStatus: number, { errorCode, fields = [], blamesToken }: FcmError): PushOutcome {
  if (httpStatus === 200) return "accepted";
  if (errorCode === "UNREGISTERED" || errorCode === "SENDER_ID_MISMATCH") return "gone";
  if (httpStatus === 400 && (blamesToken || fields.includes("message.token"))) return "gone";
  if (httpStatus === 403 && blamesToken) return "gone";
  return httpStatus === 429 ? "throttled" : "failed";
}
