/**
 * Who is signed in, and who is about to be.
 *
 * T1 A sign-in is named by `origin_jti`; every token made from it carries that name, so revoking it revokes them all.
 * T2 A challenge is met at most once, and within the client's session validity; a proof is tried once.
 * T3 With rotation a refresh token gives way to the one it was exchanged for, at once or after the grace period.
 */
import { AwsError } from "../local-aws.ts";
import type { Shape } from "../local-aws.ts";
import { newBytes, newUuid } from "./ids.ts";
import { notAuthorized, userDisabled, userNotFound } from "./refusals.ts";
import type { SignIn } from "./sign-in.ts";
import type { ServerKey, StoredPassword } from "./srp.ts";
import { keptSignIns } from "./kept-sign-ins.ts";
import { accessToken, idToken, readAccessToken } from "./tokens.ts";
import { findUser } from "./user-pools.ts";
import type { PoolClient, User, UserPool, UserPools } from "./user-pools.ts";

export interface Challenge {
  readonly name: "PASSWORD_VERIFIER" | "NEW_PASSWORD_REQUIRED";
  readonly clientId: string;
  readonly username: string;
  /** Only of PASSWORD_VERIFIER. */
  readonly srp?: { readonly stored: StoredPassword; readonly key: ServerKey; readonly clientPublic: bigint };
}

export interface SignIns {
  /** The AuthenticationResult of a new sign-in. */
  start(pool: UserPool, client: PoolClient, user: User): Promise<Shape>;
  /** The AuthenticationResult for a refresh token. */
  refresh(clientId: string, refreshToken: string): Promise<Shape>;
  ofAccessToken(token: string): Promise<{ pool: UserPool; user: User }>;
  revoke(clientId: string, refreshToken: string): void;
  revokeAll(user: User): void;
  /** Keeps a challenge; the returned string finds it again. */
  ask(challenge: Challenge, validSeconds: number): string;
  /** The challenge to be met. */
  find(handle: string): Challenge;
  spend(handle: string): void;
}

/** Replaced refresh tokens that are told apart from unknown ones. */
const MAX_REPLACED = 20;
/** Sign-ins that ended are known for a while, so that their tokens are refused for the right reason. */
const KNOWN_AFTER_END_MS = 86_400_000;

export function createSignIns(pools: UserPools): SignIns {
  const { clock } = pools.localAws;
  // Opened when it is needed first: kept sign-ins name pools and clients, which the template makes.
  let opened: Map<string, SignIn> | undefined;
  const all = (): Map<string, SignIn> => (opened ??= keptSignIns(pools));
  const challenges = new Map<string, { challenge: Challenge; expiresAtMs: number }>();

  function open(pool: UserPool, client: PoolClient, user: User): SignIn {
    const originJti = newUuid();
    const signIn: SignIn = {
      originJti,
      refreshToken: newRefreshToken(originJti),
      replaced: new Map(),
      pool,
      client,
      user,
      authTimeSeconds: Math.floor(clock.now() / 1000),
      expiresAtMs: clock.now() + client.refreshSeconds * 1000,
      revoked: false,
    };
    forgetLongEnded();
    all().set(originJti, signIn);
    return signIn;
  }

  /** From the oldest on, up to one that lives: enough to keep their number bounded. */
  function forgetLongEnded(): void {
    for (const [originJti, { expiresAtMs }] of all()) {
      if (clock.now() < expiresAtMs + KNOWN_AFTER_END_MS) return;
      all().delete(originJti);
    }
  }

  async function tokens(signIn: SignIn): Promise<Shape> {
    const nowSeconds = Math.floor(clock.now() / 1000);
    return {
      AccessToken: await accessToken(signIn, nowSeconds),
      ExpiresIn: signIn.client.accessSeconds,
      TokenType: "Bearer",
      IdToken: await idToken(signIn, nowSeconds),
    };
  }

  function ofRefreshToken(clientId: string, refreshToken: string): SignIn | undefined {
    const signIn = all().get(refreshToken.split(".")[0] ?? "");
    if (signIn?.client.id !== clientId) return undefined;
    return signIn.refreshToken === refreshToken || signIn.replaced.has(refreshToken) ? signIn : undefined;
  }

  /** The refresh token to go on with; undefined without rotation, when the old one stays. */
  function rotate(signIn: SignIn, used: string): string | undefined {
    const graceSeconds = signIn.client.rotationGraceSeconds;
    if (graceSeconds === undefined) return undefined;
    const worksUntilMs = signIn.replaced.get(used);
    if (worksUntilMs === undefined) {
      signIn.replaced.set(used, clock.now() + graceSeconds * 1000);
      const [oldest] = signIn.replaced.keys();
      if (signIn.replaced.size > MAX_REPLACED && oldest) signIn.replaced.delete(oldest);
      signIn.refreshToken = newRefreshToken(signIn.originJti);
      all().set(signIn.originJti, signIn);
    } else if (worksUntilMs <= clock.now()) {
      throw new AwsError("RefreshTokenReuseException", "Refresh Token has been rotated");
    }
    return signIn.refreshToken;
  }

  function end(signIn: SignIn): void {
    signIn.revoked = true;
    all().set(signIn.originJti, signIn);
  }

  function forgetExpired(): void {
    for (const [handle, { expiresAtMs }] of challenges)
      if (expiresAtMs <= clock.now()) challenges.delete(handle);
  }

  return {
    async start(pool, client, user) {
      const signIn = open(pool, client, user);
      return { ...(await tokens(signIn)), RefreshToken: signIn.refreshToken };
    },
    async refresh(clientId, refreshToken) {
      const signIn = ofRefreshToken(clientId, refreshToken);
      if (!signIn) throw notAuthorized("Invalid Refresh Token");
      if (signIn.revoked) throw notAuthorized("Refresh Token has been revoked");
      if (signIn.expiresAtMs <= clock.now()) throw notAuthorized("Refresh Token has expired");
      const next = rotate(signIn, refreshToken);
      return { ...(await tokens(signIn)), ...(next && { RefreshToken: next }) };
    },
    async ofAccessToken(token) {
      const claims = await readAccessToken(pools, token);
      const { pool } = pools.client(String(claims.client_id));
      const user = findUser(pool, String(claims.username));
      if (user?.sub !== claims.sub || !user) throw userNotFound("User does not exist.");
      if (all().get(String(claims.origin_jti))?.revoked) throw notAuthorized("Access Token has been revoked");
      if (!user.enabled) throw userDisabled();
      return { pool, user };
    },
    revoke(clientId, refreshToken) {
      const signIn = ofRefreshToken(clientId, refreshToken);
      if (signIn) end(signIn);
    },
    revokeAll(user) {
      for (const signIn of all().values()) if (signIn.user === user) end(signIn);
    },
    ask(challenge, validSeconds) {
      forgetExpired();
      const handle = newBytes(512).toString("base64");
      challenges.set(handle, { challenge, expiresAtMs: clock.now() + validSeconds * 1000 });
      return handle;
    },
    find(handle) {
      const kept = challenges.get(handle);
      if (!kept) throw notAuthorized("Invalid session for the user.");
      if (kept.expiresAtMs <= clock.now()) {
        throw notAuthorized("Invalid session for the user, session is expired.");
      }
      return kept.challenge;
    },
    spend: (handle) => void challenges.delete(handle),
  };
}

/** Begins with the sign-in's name, which is no secret. */
const newRefreshToken = (originJti: string): string => `${originJti}.${newBytes(384).toString("base64url")}`;
