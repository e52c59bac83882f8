/** The tokens of a user pool: RS256 JSON Web Tokens with Cognito's claims. */
import {
  SignJWT,
  calculateJwkThumbprint,
  decodeJwt,
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
} from "jose";
import type { JWTPayload } from "jose";
import { newUuid } from "./ids.ts";
import { notAuthorized } from "./refusals.ts";
import type { PoolClient, PoolKey, User, UserPool, UserPools } from "./user-pools.ts";

export interface TokenRequest {
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly user: User;
  readonly originJti: string;
  readonly authTimeSeconds: number;
}

const poolKeys = new Map<string, Promise<PoolKey>>();

/** A pool that a later runtime of this process creates again has its key again: making one takes as long as a call. */
export function poolKey(poolId: string): Promise<PoolKey> {
  const key = poolKeys.get(poolId) ?? makePoolKey();
  poolKeys.set(poolId, key);
  return key;
}

async function makePoolKey(): Promise<PoolKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, private: privateKey, public: { ...jwk, kid, alg: "RS256", use: "sig" } };
}

function sign({ key }: UserPool, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: "RS256" }).sign(key.private);
}

function sharedClaims({ pool, client, user, originJti, authTimeSeconds }: TokenRequest): JWTPayload {
  return {
    sub: user.sub,
    ...(user.groups.size > 0 && { "cognito:groups": [...user.groups] }),
    iss: pool.issuer,
    ...(client.revocable && { origin_jti: originJti }),
    event_id: newUuid(),
    auth_time: authTimeSeconds,
    jti: newUuid(),
  };
}

export function accessToken(request: TokenRequest, nowSeconds: number): Promise<string> {
  const { pool, client, user } = request;
  return sign(pool, {
    ...sharedClaims(request),
    client_id: client.id,
    token_use: "access",
    scope: "aws.cognito.signin.user.admin",
    exp: nowSeconds + client.accessSeconds,
    iat: nowSeconds,
    username: user.username,
  });
}

export function idToken(request: TokenRequest, nowSeconds: number): Promise<string> {
  const { pool, client, user } = request;
  return sign(pool, {
    ...attributeClaims(user),
    ...sharedClaims(request),
    "cognito:username": user.username,
    aud: client.id,
    token_use: "id",
    exp: nowSeconds + client.idSeconds,
    iat: nowSeconds,
  });
}

/** Attributes are strings, except that the `_verified` flags become booleans. */
function attributeClaims({ attributes }: User): JWTPayload {
  const flags = ["email_verified", "phone_number_verified"].filter((name) => attributes[name] !== undefined);
  return { ...attributes, ...Object.fromEntries(flags.map((name) => [name, attributes[name] === "true"])) };
}

/** The claims of an access token that one of the pools has signed and that has not expired. */
export async function readAccessToken({ pools, localAws }: UserPools, token: string): Promise<JWTPayload> {
  try {
    const { iss } = decodeJwt(token);
    const pool = [...pools.values()].find(({ issuer }) => issuer === iss);
    if (!pool) throw notAuthorized("Invalid Access Token");
    const currentDate = new Date(localAws.clock.now());
    const { payload } = await jwtVerify(token, pool.key.public, { algorithms: ["RS256"], currentDate });
    if (payload.token_use === "access") return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw notAuthorized("Access Token has expired");
  }
  throw notAuthorized("Invalid Access Token");
}
