/** Sign-in against the local user pool, and the tokens that it gives. */
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { openPool, PASSWORD, type Pool, signInBySrp, tokensOf } from "./cognito-pool.ts";

let pool: Pool;
beforeEach(async () => {
  pool = await openPool();
});
afterEach(() => pool.clock.dispose());

async function reopen(client: Shape, properties: Shape = {}): Promise<void> {
  pool.clock.dispose();
  pool = await openPool(client, properties);
}

test("access and id tokens carry Cognito's claims and are signed by the published key", async () => {
  await pool.addBob(["operators"]);
  const { AccessToken, IdToken } = await pool.signIn("bob");
  const issuer = `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`;
  const keys = pool.cognito.jwksOf(issuer)!;
  expect(pool.cognito.wellKnown(`/${pool.poolId}/.well-known/jwks.json`)).toEqual({
    status: 200,
    body: keys,
  });
  expect(keys.keys[0]).not.toHaveProperty("d");
  const { payload } = await jwtVerify(AccessToken!, createLocalJWKSet(keys), { issuer });
  const nowSeconds = pool.clock.now() / 1000;
  expect(payload).toEqual({
    sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
    "cognito:groups": ["operators"],
    iss: issuer,
    client_id: pool.ClientId,
    origin_jti: expect.any(String),
    event_id: expect.any(String),
    token_use: "access",
    scope: "aws.cognito.signin.user.admin",
    auth_time: nowSeconds,
    exp: nowSeconds + 3600,
    iat: nowSeconds,
    jti: expect.any(String),
    username: "bob",
  });
  const claims = decodeJwt(IdToken!);
  expect(claims).toMatchObject({
    aud: pool.ClientId,
    token_use: "id",
    email: "bob@example.com",
    sub: payload.sub,
  });
  expect(claims).not.toHaveProperty("scope");
});

test("tokens live as long as the app client says", async () => {
  await reopen({
    AccessTokenValidity: 5,
    TokenValidityUnits: { AccessToken: "minutes" },
    RefreshTokenValidity: 1,
  });
  await pool.addBob();
  const { AccessToken, RefreshToken, ExpiresIn } = await pool.signIn("bob");
  expect(ExpiresIn).toBe(300);
  const refresh = () =>
    pool.call("InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: pool.ClientId,
      AuthParameters: { REFRESH_TOKEN: RefreshToken },
    });
  expect(await pool.call("GetUser", { AccessToken })).toMatchObject({ Username: "bob" });
  await pool.clock.advance(300_000);
  await expect(pool.call("GetUser", { AccessToken })).rejects.toThrow("Access Token has expired");
  const renewal = { ClientId: pool.ClientId, RefreshToken };
  const again = tokensOf(await pool.call("GetTokensFromRefreshToken", renewal));
  expect(await pool.call("GetUser", { AccessToken: again.AccessToken })).toMatchObject({ Username: "bob" });
  const renewed = tokensOf(await refresh());
  expect(renewed).not.toHaveProperty("RefreshToken");
  expect(await pool.call("GetUser", { AccessToken: renewed.AccessToken })).toMatchObject({ Username: "bob" });
  await pool.clock.advance(24 * 3_600_000);
  await expect(refresh()).rejects.toMatchObject({ message: "Refresh Token has expired" });
});

test("revoking a refresh token revokes the access tokens made from it", async () => {
  await pool.addBob();
  const { AccessToken, RefreshToken } = await pool.signIn("bob");
  const other = await pool.signIn("bob");
  await pool.call("RevokeToken", { ClientId: pool.ClientId, Token: RefreshToken });
  await expect(pool.call("GetUser", { AccessToken })).rejects.toThrow("Access Token has been revoked");
  await pool.call("GetUser", { AccessToken: other.AccessToken });
  await pool.call("GlobalSignOut", { AccessToken: other.AccessToken });
  await expect(pool.call("GetUser", { AccessToken: other.AccessToken })).rejects.toThrow("has been revoked");
});

test("SRP lets in whoever knows the password, and does not tell who exists", async () => {
  await pool.addBob();
  const reply = tokensOf(await signInBySrp(pool, { username: "bob", password: PASSWORD }));
  expect(decodeJwt(reply.AccessToken!)).toMatchObject({ username: "bob", token_use: "access" });
  const refusal = { code: "NotAuthorizedException", message: "Incorrect username or password." };
  await expect(signInBySrp(pool, { username: "bob", password: "another" })).rejects.toMatchObject(refusal);
  await expect(signInBySrp(pool, { username: "nobody", password: PASSWORD })).rejects.toMatchObject(refusal);
  await expect(
    signInBySrp(pool, { username: "bob", password: PASSWORD, thinkingMs: 180_000 }),
  ).rejects.toThrow("session is expired");
});

test("an app client without PreventUserExistenceErrors says who does not exist", async () => {
  await reopen({ PreventUserExistenceErrors: "LEGACY" });
  await expect(pool.signIn("nobody")).rejects.toMatchObject({ code: "UserNotFoundException" });
});

test("a flow that the app client does not allow is refused", async () => {
  await reopen({ ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"] });
  await expect(pool.signIn("bob")).rejects.toMatchObject({
    code: "InvalidParameterException",
    message: "USER_PASSWORD_AUTH flow not enabled for this client",
  });
});

test("usernames differ by case only in a case-sensitive pool", async () => {
  await pool.addBob();
  await expect(pool.signIn("Bob")).rejects.toThrow("Incorrect username or password.");
  await reopen({}, { UsernameConfiguration: { CaseSensitive: false } });
  await pool.addBob();
  expect(decodeJwt((await pool.signIn("Bob")).AccessToken!)).toMatchObject({ username: "bob" });
});

test("ids are the same at every start, and what the pool cannot do stops the start", async () => {
  const { poolId, ClientId } = pool;
  await reopen({});
  expect([pool.poolId, pool.ClientId]).toEqual([poolId, ClientId]);
  expect(poolId).toMatch(/^us-east-1_[A-Za-z0-9]{9}$/);
  expect(ClientId).toMatch(/^[a-z0-9]{26}$/);
  await expect(pool.create("AWS::Cognito::UserPool", "Strict", { MfaConfiguration: "ON" })).rejects.toThrow(
    /Strict.*MfaConfiguration/s,
  );
  const secret = { UserPoolId: poolId, GenerateSecret: true };
  await expect(pool.create("AWS::Cognito::UserPoolClient", "Web", secret)).rejects.toThrow("GenerateSecret");
});

test("five wrong passwords lock a name out for a second, and each further one for twice as long", async () => {
  await pool.addBob();
  const wrong = () => pool.signIn("bob", "Wrong one 1!");
  for (let count = 0; count < 5; count += 1) await expect(wrong()).rejects.toThrow("Incorrect username");
  const locked = { code: "NotAuthorizedException", message: "Password attempts exceeded" };
  await expect(pool.signIn("bob")).rejects.toMatchObject(locked);
  await pool.clock.advance(1_000);
  await expect(wrong()).rejects.toThrow("Incorrect username");
  await pool.clock.advance(1_999);
  await expect(signInBySrp(pool, { username: "bob", password: PASSWORD })).rejects.toMatchObject(locked);
  await pool.clock.advance(1);
  await pool.signIn("bob");
  await expect(wrong()).rejects.toThrow("Incorrect username");
  await pool.signIn("bob");
});

test("a rotated refresh token works for its grace period, and then its reuse is named", async () => {
  await reopen({ RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 10 } });
  await pool.addBob();
  const { RefreshToken: first } = await pool.signIn("bob");
  const refresh = (RefreshToken?: string) =>
    pool.call("GetTokensFromRefreshToken", { ClientId: pool.ClientId, RefreshToken }).then(tokensOf);
  const byFlow = { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: first } };
  await expect(pool.call("InitiateAuth", { ClientId: pool.ClientId, ...byFlow })).rejects.toMatchObject({
    code: "InvalidParameterException",
  });
  const { RefreshToken: second } = await refresh(first);
  expect(second).not.toBe(first);
  expect(await refresh(first)).toMatchObject({ RefreshToken: second });
  await pool.clock.advance(10_000);
  await expect(refresh(first)).rejects.toMatchObject({ code: "RefreshTokenReuseException" });
  const { AccessToken } = await refresh(second);
  await pool.call("RevokeToken", { ClientId: pool.ClientId, Token: second });
  await expect(pool.call("GetUser", { AccessToken })).rejects.toThrow("Access Token has been revoked");
});

test("only a refresh token can be revoked, and only where the app client allows it", async () => {
  await pool.addBob();
  const { AccessToken: Token } = await pool.signIn("bob");
  const revoke = () => pool.call("RevokeToken", { ClientId: pool.ClientId, Token });
  await expect(revoke()).rejects.toMatchObject({ code: "UnsupportedTokenTypeException" });
  await reopen({ EnableTokenRevocation: false });
  await expect(revoke()).rejects.toMatchObject({ code: "UnsupportedOperationException" });
});
