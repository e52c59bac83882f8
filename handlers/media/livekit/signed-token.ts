/**
 * Tokens as LiveKit's server reads them: JWTs signed with an API key's secret, HS256, whose issuer is the key. Its server gives one
 * minute of leeway to `exp` and `nbf` and refuses an `iat` of the future (go-jose 3 in livekit/protocol, auth/verifier.go).
 */
import { createHmac } from "node:crypto";
import type { ApiKey } from "./api-keys.ts";

/** A token is valid from this much before its making, so that a server whose clock is behind takes it. */
export const CLOCKS_DIFFER_SECONDS = 300;

export interface TokenTimes {
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** `sub` and `video` mean what LiveKit's AccessToken means by identity and grant. It ignores claims that it does not know. */
export interface TokenClaims {
  readonly sub?: string;
  readonly video: Readonly<Record<string, unknown>>;
  readonly [claim: string]: unknown;
}

/** The same bytes for the same input. A library for this would be 12 kB that each call waits for. */
export function signedToken({ key, secret }: ApiKey, claims: TokenClaims, times: TokenTimes): string {
  const exp = Math.floor(times.expiresAtMs / 1000);
  const nbf = Math.floor(times.nowMs / 1000) - CLOCKS_DIFFER_SECONDS;
  const text = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded({ iss: key, exp, nbf, ...claims })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
