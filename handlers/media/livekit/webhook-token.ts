/**
 * Verifies that a webhook comes from the LiveKit server: its `Authorization` header is a token, without `Bearer`, signed with an API
 * key, whose claim `sha256` is the hash of the body as it was sent (livekit/protocol, webhook/verifier.go). The token is good for
 * five minutes from sending, so an old webhook cannot be sent again later.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { decodeJwt, errors, jwtVerify } from "jose";
import type { ApiKeys } from "./api-keys.ts";

/** As the server's own verifier allows, in whole seconds. */
const LEEWAY_SECONDS = 60;

export interface SentWebhook {
  readonly authorization: string | undefined;
  /** The very bytes: a body that was parsed and written again has another hash. */
  readonly body: Buffer;
}

/** Why a webhook is refused; undefined if it is the server's. */
export type Refusal = string | undefined;

export async function refusalOf(
  { authorization, body }: SentWebhook,
  keys: ApiKeys,
  nowMs: number,
): Promise<Refusal> {
  if (!authorization) return "it has no Authorization header";
  const issuer = issuerOf(authorization);
  if (issuer === undefined) return "its Authorization header is no token";
  const known = keys.all.find(({ key }) => key === issuer);
  if (!known) return `its API key ${JSON.stringify(issuer.slice(0, 64))} is not in the secret`;
  try {
    const { payload } = await jwtVerify(authorization, Buffer.from(known.secret), {
      algorithms: ["HS256"],
      issuer,
      requiredClaims: ["exp"],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(nowMs),
    });
    return isHashOf(payload["sha256"], body) ? undefined : "its body is not the one that was signed";
  } catch (error) {
    return reasonOf(error);
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    return undefined;
  }
}

function isHashOf(claimed: unknown, body: Buffer): boolean {
  const hash = createHash("sha256").update(body).digest();
  const said = Buffer.from(typeof claimed === "string" ? claimed : "", "base64");
  return said.length === hash.length && timingSafeEqual(said, hash);
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired)
    return "its token has expired: it is old, or the server's clock is behind";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf")
    return "its token is not valid yet: the server's clock is ahead";
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "its signature is wrong: the secret of its API key differs from the server's";
  return `its token is not valid: ${error instanceof Error ? error.message : String(error)}`;
}
