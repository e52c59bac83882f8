/** Sign-up and sign-in against the local user pool, by the operations that apps and operators use. */
import { createHash, createHmac, getDiffieHellman } from "node:crypto";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../local/clock.ts";
import { createCognito } from "../../local/cognito/cognito.ts";
import { PERSON, openDoor } from "../../local/door.ts";
import type { Happening, Shape } from "../../local/door.ts";

const PASSWORD = "Ring ring 1!";

async function openPool(client: Shape = {}, pool: Shape = {}) {
  const clock = virtualClock();
  const door = openDoor({
    clock,
    authorizer: { check() {} },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  const cognito = createCognito(door);
  door.register(cognito.service);
  const told: Happening[] = [];
  door.observe((happening) => told.push(happening));
  const create = async (type: keyof typeof cognito.resources, logicalId: string, properties: Shape) => {
    const physicalName = () => `Ringmaster-${logicalId}`;
    const request = { logicalId, properties, physicalName, assetPath: String };
    return (await cognito.resources[type]!.create(request)).ref;
  };
  const poolId = await create("AWS::Cognito::UserPool", "Users", {
    AutoVerifiedAttributes: ["email"],
    Schema: [{ Name: "email", Required: true, Mutable: true }],
    ...pool,
  });
  const ClientId = await create("AWS::Cognito::UserPoolClient", "App", {
    UserPoolId: poolId,
    ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    PreventUserExistenceErrors: "ENABLED",
    ...client,
  });
  await create("AWS::Cognito::UserPoolGroup", "Operators", { UserPoolId: poolId, GroupName: "operators" });
  const call = (operation: string, input: Shape): Promise<Shape> =>
    door.call({ service: "cognito-idp", operation, input, caller: PERSON });
  const signIn = (Username: string, Password = PASSWORD) =>
    call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId,
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    }).then(tokensOf);
  const signUp = (Username: string, Password = PASSWORD) =>
    call("SignUp", {
      ClientId,
      Username,
      Password,
      UserAttributes: [{ Name: "email", Value: `${Username}@example.com` }],
    });
  const lastCode = () => told.findLast((happening) => happening.kind === "verification-code")?.code;
  const addBob = (groups: string[] = []) =>
    cognito.createConfirmedUser({ username: "bob", password: PASSWORD, email: "bob@example.com", groups });
  return { clock, cognito, create, call, signIn, signUp, lastCode, addBob, poolId, ClientId };
}

const tokensOf = (reply: Shape) => reply.AuthenticationResult as Record<string, string>;

let pool: Awaited<ReturnType<typeof openPool>>;
beforeEach(async () => {
  pool = await openPool();
});
afterEach(() => pool.clock.dispose());

async function reopen(client: Shape, properties: Shape = {}): Promise<void> {
  pool.clock.dispose();
  pool = await openPool(client, properties);
}

test("an account is usable once the code that was sent is given", async () => {
  expect(await pool.signUp("alice")).toMatchObject({
    UserConfirmed: false,
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: "a***@e***" },
  });
  await expect(pool.signIn("alice")).rejects.toMatchObject({
    code: "UserNotConfirmedException",
    message: "User is not confirmed.",
  });
  const confirm = (ConfirmationCode?: string) =>
    pool.call("ConfirmSignUp", { ClientId: pool.ClientId, Username: "alice", ConfirmationCode });
  const code = pool.lastCode()!;
  await expect(confirm(code === "000000" ? "000001" : "000000")).rejects.toMatchObject({
    code: "CodeMismatchException",
    message: "Invalid verification code provided, please try again.",
  });
  await confirm(code);
  const { IdToken } = await pool.signIn("alice");
  expect(decodeJwt(IdToken!)).toMatchObject({ "cognito:username": "alice", email_verified: true });
  await expect(confirm(code)).rejects.toMatchObject({
    message: "User cannot be confirmed. Current status is CONFIRMED",
  });
});

test("a code is good for a day, and a new one replaces it", async () => {
  await pool.signUp("alice");
  const request = { ClientId: pool.ClientId, Username: "alice" };
  await pool.clock.advance(24 * 3_600_000);
  const stale = { ...request, ConfirmationCode: pool.lastCode() };
  await expect(pool.call("ConfirmSignUp", stale)).rejects.toMatchObject({ code: "ExpiredCodeException" });
  await pool.call("ResendConfirmationCode", request);
  await pool.call("ConfirmSignUp", { ...request, ConfirmationCode: pool.lastCode() });
});

test("a sign-up with a weak password, without an e-mail address or with a taken name is refused", async () => {
  await pool.signUp("alice");
  await expect(pool.signUp("alice")).rejects.toMatchObject({
    code: "UsernameExistsException",
    message: "User already exists",
  });
  await expect(pool.signUp("carol", "short")).rejects.toMatchObject({
    code: "InvalidPasswordException",
    message: "Password did not conform with policy: Password not long enough",
  });
  await expect(pool.signUp("carol", "no capitals 1!")).rejects.toThrow("must have uppercase characters");
  const bare = { ClientId: pool.ClientId, Username: "carol", Password: PASSWORD };
  await expect(pool.call("SignUp", bare)).rejects.toThrow("email: The attribute is required");
});

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
  const reply = tokensOf(await signInBySrp("bob", PASSWORD));
  expect(decodeJwt(reply.AccessToken!)).toMatchObject({ username: "bob", token_use: "access" });
  const refusal = { code: "NotAuthorizedException", message: "Incorrect username or password." };
  await expect(signInBySrp("bob", "another")).rejects.toMatchObject(refusal);
  await expect(signInBySrp("nobody", PASSWORD)).rejects.toMatchObject(refusal);
  await expect(signInBySrp("bob", PASSWORD, 180_000)).rejects.toThrow("session is expired");
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

test("an account made by an operator gets its own password at the first sign-in", async () => {
  const user = { UserPoolId: pool.poolId, Username: "carol" };
  const UserAttributes = [{ Name: "email", Value: "carol@example.com" }];
  await pool.call("AdminCreateUser", { ...user, TemporaryPassword: "Temporary 1!", UserAttributes });
  await pool.call("AdminAddUserToGroup", { ...user, GroupName: "operators" });
  const { Session, ChallengeName } = await pool.call("InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: pool.ClientId,
    AuthParameters: { USERNAME: "carol", PASSWORD: "Temporary 1!" },
  });
  expect(ChallengeName).toBe("NEW_PASSWORD_REQUIRED");
  const answer = {
    ChallengeName,
    Session,
    ClientId: pool.ClientId,
    ChallengeResponses: { USERNAME: "carol", NEW_PASSWORD: PASSWORD },
  };
  expect(tokensOf(await pool.call("RespondToAuthChallenge", answer))).toHaveProperty("AccessToken");
  await expect(pool.call("RespondToAuthChallenge", answer)).rejects.toThrow("Invalid session for the user.");
  expect(await pool.call("AdminGetUser", user)).toMatchObject({ UserStatus: "CONFIRMED" });
  const { AccessToken } = await pool.signIn("carol");
  expect(decodeJwt(AccessToken!)["cognito:groups"]).toEqual(["operators"]);
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

/** A client of the protocol, written from its definition and not from the server's code. */
async function signInBySrp(username: string, password: string, thinkingMs = 0): Promise<Shape> {
  const prime = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
  const power = (base: bigint, exponent: bigint): bigint =>
    exponent === 0n
      ? 1n
      : (power((base * base) % prime, exponent / 2n) * (exponent % 2n ? base : 1n)) % prime;
  const bytes = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const even = hex.padStart(hex.length + (hex.length % 2), "0");
    return Buffer.from(parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, "hex");
  };
  const digest = (...parts: (Buffer | string)[]): Buffer => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const number = (buffer: Buffer): bigint => BigInt(`0x${buffer.toString("hex")}`);

  const secret = 123_456_789_123_456_789n;
  const clientPublic = power(2n, secret);
  const AuthParameters = { USERNAME: username, SRP_A: clientPublic.toString(16) };
  const started = await pool.call("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: pool.ClientId,
    AuthParameters,
  });
  const challenge = started.ChallengeParameters as Record<string, string>;
  await pool.clock.advance(thinkingMs);
  const serverPublic = BigInt(`0x${challenge.SRP_B}`);
  const identity = `${pool.poolId.split("_")[1]}${challenge.USER_ID_FOR_SRP}`;
  const x = number(digest(bytes(BigInt(`0x${challenge.SALT}`)), digest(`${identity}:${password}`)));
  const u = number(digest(bytes(clientPublic), bytes(serverPublic)));
  const k = number(digest(bytes(prime), bytes(2n)));
  const base = (((serverPublic - k * power(2n, x)) % prime) + prime) % prime;
  const shared = power(base, secret + u * x);
  const extracted = createHmac("sha256", bytes(u)).update(bytes(shared)).digest();
  const key = createHmac("sha256", extracted).update("Caldera Derived Key").update(Buffer.of(1)).digest();
  const timestamp = "Thu Jan 1 09:00:00 UTC 2026";
  const signature = createHmac("sha256", key.subarray(0, 16))
    .update(identity)
    .update(Buffer.from(challenge.SECRET_BLOCK!, "base64"))
    .update(timestamp)
    .digest("base64");
  return pool.call("RespondToAuthChallenge", {
    ChallengeName: "PASSWORD_VERIFIER",
    ClientId: pool.ClientId,
    ChallengeResponses: {
      USERNAME: username,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      TIMESTAMP: timestamp,
      PASSWORD_CLAIM_SIGNATURE: signature,
    },
  });
}
