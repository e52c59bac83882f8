/**
 * JSON Web Tokens whose signature has been verified before. A client sends the same token with each request, and verifying RSA costs
 * as much as reading an item: what a token says is remembered with the key that it was verified with, and taken as long as the
 * token's times allow. Everything else, each refusal among it, is jose's.
 */
import { type JWK, type JWTPayload, jwtVerify } from "jose";

export interface Verification {
  readonly issuer?: string;
  readonly nowMs: number;
}

const MOST_REMEMBERED = 1_000;
const remembered = new WeakMap<JWK, Map<string, JWTPayload>>();

/** The claims of a token signed with RS256; throws an error of jose. */
export async function verifiedToken(
  token: string,
  key: JWK,
  { issuer, nowMs }: Verification,
): Promise<JWTPayload> {
  const tokens = remembered.get(key) ?? new Map<string, JWTPayload>();
  remembered.set(key, tokens);
  const known = tokens.get(token);
  if (known && isValidAt(known, nowMs / 1000) && (issuer === undefined || known.iss === issuer)) return known;
  const currentDate = new Date(nowMs);
  const { payload } = await jwtVerify(token, key, {
    algorithms: ["RS256"],
    currentDate,
    ...(issuer !== undefined && { issuer }),
  });
  if (tokens.size >= MOST_REMEMBERED) tokens.clear();
  tokens.set(token, payload);
  return payload;
}

const isValidAt = ({ exp = Infinity, nbf = 0 }: JWTPayload, seconds: number): boolean =>
  nbf <= seconds && seconds < Math.floor(exp);
