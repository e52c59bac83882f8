/** FCM on a laptop: Google's OAuth 2.0 token endpoint for service accounts, and `messages:send` of the HTTP v1 API. */
import { randomUUID } from "node:crypto";
import { jwtVerify } from "jose";
import * as z from "zod";
import type { LocalAws } from "../local-aws.ts";
import { type FcmCredentials, makeFcmCredentials, serviceAccountFile } from "./credentials.ts";
import { fcmError, fcmRefusal, fcmReply, type FcmReply } from "./fcm-errors.ts";
import { checkFcmContent, fcmContentOf, fcmMessageSchema } from "./fcm-message.ts";
import { type LoopbackRequest, type LoopbackServer, openLoopbackServer } from "./loopback-server.ts";
import { type Content, Refused } from "./push-content.ts";
import type { PushNetworks } from "./push-networks.ts";

/** Google's own; the library asks for this audience whatever the endpoint. */
const AUDIENCE = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_SECONDS = 3_599;

export interface FcmServer extends LoopbackServer {
  /** The key file of a service account that may push here, as Google hands it out. */
  readonly serviceAccount: string;
  /** Access tokens handed out so far. */
  readonly tokensIssued: () => number;
  /** FCM takes none of the access tokens handed out so far any more. */
  readonly revokeTokens: () => void;
}

/** The only randomness here: ids of messages and access tokens. */
const newId = (): string => randomUUID();

export async function openFcmServer(localAws: LocalAws, networks: PushNetworks): Promise<FcmServer> {
  const credentials = makeFcmCredentials();
  const issued = new Map<string, number>();
  let tokensIssued = 0;

  async function issueToken({ body }: LoopbackRequest): Promise<FcmReply> {
    const form = new URLSearchParams(body);
    const wrong = await wrongWith(form, credentials, localAws.clock.now());
    if (wrong) return { status: 400, body: { error: "invalid_grant", error_description: wrong } };
    const token = `ya29.local-${newId()}`;
    tokensIssued += 1;
    issued.set(token, localAws.clock.now() + TOKEN_SECONDS * 1_000);
    return { status: 200, body: { access_token: token, expires_in: TOKEN_SECONDS, token_type: "Bearer" } };
  }

  function send(projectId: string, { headers, body }: LoopbackRequest): FcmReply {
    const [, token = ""] = /^Bearer (.+)$/.exec(headers["authorization"] ?? "") ?? [];
    if (localAws.clock.now() >= (issued.get(token) ?? 0)) return fcmError("UNAUTHENTICATED");
    if (projectId !== credentials.projectId) return fcmError("PERMISSION_DENIED");
    return deliver(localAws, networks, body, projectId);
  }

  const server = await openLoopbackServer(localAws.clock, (request) => {
    const { method, path } = request;
    const [, projectId] = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(path) ?? [];
    if (method === "POST" && path === "/token") return issueToken(request);
    if (method === "POST" && projectId) return send(decodeURIComponent(projectId), request);
    return fcmError("NOT_FOUND");
  });
  return {
    ...server,
    serviceAccount: serviceAccountFile(credentials, `${server.origin}/token`),
    tokensIssued: () => tokensIssued,
    revokeTokens: () => issued.clear(),
  };
}

/** As Google describes what is wrong with an assertion. */
async function wrongWith(
  form: URLSearchParams,
  { clientEmail, publicKey }: FcmCredentials,
  nowMs: number,
): Promise<string | undefined> {
  if (form.get("grant_type") !== GRANT) return `Invalid grant_type: ${form.get("grant_type")}`;
  const checks = { issuer: clientEmail, audience: AUDIENCE, currentDate: new Date(nowMs) };
  try {
    const { payload } = await jwtVerify(form.get("assertion") ?? "", publicKey, checks);
    return payload["scope"] === SCOPE ? undefined : "Invalid OAuth scope.";
  } catch {
    return "Invalid JWT Signature.";
  }
}

const requestSchema = z.object({ message: fcmMessageSchema.extend({ token: z.string().min(1) }) });

function deliver(localAws: LocalAws, networks: PushNetworks, body: string, projectId: string): FcmReply {
  const parsed = requestSchema.safeParse(jsonOf(body));
  if (!parsed.success) return fcmRefusal(parsed.error.issues[0]?.path.join(".") ?? "");
  const { token, ...message } = parsed.data.message;
  const content = contentOrRefusal(message);
  if ("refused" in content) return fcmRefusal("message.data", content.refused);
  const outcome = networks.send(token, { ...content, channel: "GCM" });
  const told = { channel: "GCM", address: `${token.slice(0, 6)}…`, data: content.data };
  localAws.emit({ kind: "push", ...told, outcome: outcome.status });
  return fcmReply(outcome, `projects/${projectId}/messages/${newId()}`);
}

function contentOrRefusal(message: z.infer<typeof fcmMessageSchema>): Content | { refused: string } {
  try {
    const content = fcmContentOf(message);
    checkFcmContent(content);
    return content;
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
