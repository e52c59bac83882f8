/**
 * Who is signed in, and who is about to be.
 *
 * T1 A sign-in is named by `origin_jti`; every token made from it carries that name, so revoking it revokes them all.
 * T2 A challenge is answered at most once, and within the client's session validity.
 */
import type { Shape } from "../door.ts";
import { newBytes, newUuid } from "./ids.ts";
import { notAuthorized } from "./refusals.ts";
import type { ServerKey, StoredPassword } from "./srp.ts";
import { accessToken, idToken, readAccessToken } from "./tokens.ts";
import { findUser } from "./user-pools.ts";
import type { PoolClient, User, UserPool, UserPools } from "./user-pools.ts";

export interface SignIn {
  readonly originJti: string;
  readonly refreshToken: string;
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly user: User;
  readonly authTimeSeconds: number;
  readonly expiresAtMs: number;
  revoked: boolean;
}

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
  /** The challenge to be answered, which is thereby spent. */
  take(handle: string): Challenge;
}

export function createSignIns(pools: UserPools): SignIns {
  const { clock } = pools.door;
  const signIns = new Map<string, SignIn>();
  const challenges = new Map<string, { challenge: Challenge; expiresAtMs: number }>();

  function open(pool: UserPool, client: PoolClient, user: User): SignIn {
    const originJti = newUuid();
    const signIn: SignIn = {
      originJti,
      refreshToken: `${originJti}.${newBytes(384).toString("base64url")}`,
      pool,
      client,
      user,
      authTimeSeconds: Math.floor(clock.now() / 1000),
      expiresAtMs: clock.now() + client.refreshSeconds * 1000,
      revoked: false,
    };
    signIns.set(originJti, signIn);
    return signIn;
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
    const signIn = signIns.get(refreshToken.split(".")[0] ?? "");
    const same = signIn?.refreshToken === refreshToken && signIn.client.id === clientId;
    return same ? signIn : undefined;
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
      return tokens(signIn);
    },
    async ofAccessToken(token) {
      const claims = await readAccessToken(pools, token);
      if (signIns.get(String(claims.origin_jti))?.revoked)
        throw notAuthorized("Access Token has been revoked");
      const { pool } = pools.client(String(claims.client_id));
      const user = findUser(pool, String(claims.username));
      if (user?.sub !== claims.sub || !user) throw notAuthorized("Invalid Access Token");
      return { pool, user };
    },
    revoke(clientId, refreshToken) {
      const signIn = ofRefreshToken(clientId, refreshToken);
      if (signIn) signIn.revoked = true;
    },
    revokeAll(user) {
      for (const signIn of signIns.values()) if (signIn.user === user) signIn.revoked = true;
    },
    ask(challenge, validSeconds) {
      forgetExpired();
      const handle = newBytes(512).toString("base64");
      challenges.set(handle, { challenge, expiresAtMs: clock.now() + validSeconds * 1000 });
      return handle;
    },
    take(handle) {
      const kept = challenges.get(handle);
      challenges.delete(handle);
      if (!kept) throw notAuthorized("Invalid session for the user.");
      if (kept.expiresAtMs <= clock.now()) {
        throw notAuthorized("Invalid session for the user, session is expired.");
      }
      return kept.challenge;
    },
  };
}
