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

test("a forgotten password is replaced with a code to the verified address, good for an hour", async () => {
  await pool.addBob();
  const request = { ClientId: pool.ClientId, Username: "bob" };
  const confirm = (Password: string, ConfirmationCode = pool.lastCode()) =>
    pool.call("ConfirmForgotPassword", { ...request, ConfirmationCode, Password });
  await expect(confirm("Another 2!", "123456")).rejects.toMatchObject({ code: "ExpiredCodeException" });
  expect(await pool.call("ForgotPassword", request)).toEqual({
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: "b***@e***" },
  });
  await pool.clock.advance(3_600_000);
  await expect(confirm("Another 2!")).rejects.toMatchObject({ code: "ExpiredCodeException" });
  await pool.call("ForgotPassword", request);
  await expect(confirm("Another 2!", "no code")).rejects.toMatchObject({ code: "CodeMismatchException" });
  await expect(confirm("weak")).rejects.toMatchObject({ code: "InvalidPasswordException" });
  await confirm("Another 2!");
  await expect(pool.signIn("bob")).rejects.toThrow("Incorrect username or password.");
  await pool.signIn("bob", "Another 2!");
});

test("codes come by mail, which the laptop keeps, as many as somebody still reads", async () => {
  await pool.signUp("alice");
  const text = `Your confirmation code is ${pool.lastCode()}`;
  const mail = { to: "alice@example.com", subject: "Your verification code", text };
  expect(pool.cognito.mailOf("alice")).toEqual([{ atMs: pool.clock.now(), ...mail }]);
  for (let count = 0; count < 30; count += 1) {
    await pool.clock.advance(3_600_000);
    await pool.call("ResendConfirmationCode", { ClientId: pool.ClientId, Username: "alice" });
  }
  const mails = pool.cognito.mailOf("alice");
  expect(mails).toHaveLength(20);
  expect(mails.at(-1)?.text).toContain(pool.lastCode());
});

test.each([["bob"], ["nobody"]])("an hour has five tries for a code of %s, and no more", async (Username) => {
  await pool.addBob();
  const forgot = () => pool.call("ForgotPassword", { ClientId: pool.ClientId, Username });
  for (let tries = 0; tries < 5; tries += 1) await forgot();
  await expect(forgot()).rejects.toMatchObject({
    code: "LimitExceededException",
    message: "Attempt limit exceeded, please try after some time.",
  });
  await pool.clock.advance(3_600_000);
  await forgot();
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
  await expect(signInBySrp("bob", PASSWORD)).rejects.toMatchObject(locked);
  await pool.clock.advance(1);
  await pool.signIn("bob");
  await expect(wrong()).rejects.toThrow("Incorrect username");
  await pool.signIn("bob");
});

test("who asks for a name that nobody has learns nothing, unless the app client lets them", async () => {
  const request = { ClientId: pool.ClientId, Username: "nobody" };
  const confirmation = { ...request, ConfirmationCode: "123456", Password: PASSWORD };
  expect(await pool.call("ForgotPassword", request)).toHaveProperty("CodeDeliveryDetails");
  await expect(pool.call("ConfirmForgotPassword", confirmation)).rejects.toMatchObject({
    code: "CodeMismatchException",
  });
  // An address that was never proven brings nothing back either, and says so only to a client that may know.
  await pool.signUp("alice");
  const alice = { ...request, Username: "alice" };
  expect(await pool.call("ForgotPassword", alice)).toHaveProperty("CodeDeliveryDetails");
  expect(pool.cognito.mailOf("alice")).toHaveLength(1);
  await reopen({ PreventUserExistenceErrors: "LEGACY" });
  for (const [operation, input] of [
    ["ForgotPassword", request],
    ["ConfirmForgotPassword", confirmation],
    ["ResendConfirmationCode", request],
  ] as const) {
    await expect(pool.call(operation, input)).rejects.toMatchObject({
      code: "UserNotFoundException",
      message: "Username/client id combination not found.",
    });
  }
  await pool.signUp("alice");
  await expect(pool.call("ForgotPassword", alice)).rejects.toMatchObject({
    code: "InvalidParameterException",
    message: expect.stringContaining("no registered/verified email"),
  });
});

const attribute = async (name: string) => {
  const { UserAttributes } = await pool.call("AdminGetUser", { UserPoolId: pool.poolId, Username: "bob" });
  return (UserAttributes as Shape[]).find(({ Name }) => Name === name)?.Value;
};
const update = (AccessToken: string | undefined, Name: string, Value: string) =>
  pool.call("UpdateUserAttributes", { AccessToken, UserAttributes: [{ Name, Value }] });

test("a new address counts at once, and is proven by a code", async () => {
  await pool.addBob();
  const { AccessToken } = await pool.signIn("bob");
  expect(await update(AccessToken, "email", "rob@example.org")).toMatchObject({
    CodeDeliveryDetailsList: [{ Destination: "r***@e***" }],
  });
  expect([await attribute("email"), await attribute("email_verified")]).toEqual(["rob@example.org", "false"]);
  await pool.call("GetUserAttributeVerificationCode", { AccessToken, AttributeName: "email" });
  const proof = { AccessToken, AttributeName: "email", Code: pool.lastCode() };
  await pool.call("VerifyUserAttribute", proof);
  expect(await attribute("email_verified")).toBe("true");
  await expect(pool.call("VerifyUserAttribute", proof)).rejects.toMatchObject({
    code: "ExpiredCodeException",
  });
});

test("where an address is verified first, the old one stays until the new one is proven", async () => {
  await reopen({}, { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] } });
  await pool.addBob();
  const { AccessToken } = await pool.signIn("bob");
  await update(AccessToken, "email", "rob@example.org");
  expect([await attribute("email"), await attribute("email_verified")]).toEqual(["bob@example.com", "true"]);
  expect(pool.cognito.mailOf("bob").at(-1)?.to).toBe("rob@example.org");
  await pool.call("VerifyUserAttribute", { AccessToken, AttributeName: "email", Code: pool.lastCode() });
  expect([await attribute("email"), await attribute("email_verified")]).toEqual(["rob@example.org", "true"]);
});

test("nobody proves an address by saying so, or changes what is fixed", async () => {
  await pool.addBob();
  const { AccessToken } = await pool.signIn("bob");
  const unauthorized = {
    code: "NotAuthorizedException",
    message: "A client attempted to write unauthorized attribute",
  };
  await expect(update(AccessToken, "email_verified", "true")).rejects.toMatchObject(unauthorized);
  const UserAttributes = [
    { Name: "email", Value: "eve@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  const eve = { ClientId: pool.ClientId, Username: "eve", Password: PASSWORD, UserAttributes };
  await expect(pool.call("SignUp", eve)).rejects.toMatchObject(unauthorized);
  await expect(update(AccessToken, "sub", "1")).rejects.toThrow("user.sub: Attribute cannot be updated.");
  await expect(update(AccessToken, "custom:age", "1")).rejects.toThrow("could not be determined");
  await expect(update(AccessToken, "email", "bob")).rejects.toThrow("Invalid email address format.");
  const removal = { AccessToken, UserAttributeNames: ["email"] };
  await expect(pool.call("DeleteUserAttributes", removal)).rejects.toThrow(
    "email: The attribute is required",
  );
});

test("a rotated refresh token works for its grace period, and then its reuse is named", async () => {
  await reopen({ RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 10 } });
  await pool.addBob();
  const { RefreshToken: first } = await pool.signIn("bob");
  const refresh = (RefreshToken?: string) =>
    pool.call("GetTokensFromRefreshToken", { ClientId: pool.ClientId, RefreshToken }).then(tokensOf);
  const { RefreshToken: second } = await refresh(first);
  expect(second).not.toBe(first);
  expect(await refresh(first)).toMatchObject({ RefreshToken: second });
  await pool.clock.advance(10_000);
  await expect(refresh(first)).rejects.toMatchObject({ code: "RefreshTokenReuseException" });
  const { AccessToken } = await refresh(second);
  // Rotation does not prolong the sign-in, and revoking any of its tokens ends it.
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

test("an account that is deleted or disabled is signed out everywhere", async () => {
  await pool.addBob();
  const { AccessToken, RefreshToken } = await pool.signIn("bob");
  const bob = { UserPoolId: pool.poolId, Username: "bob" };
  await pool.call("AdminDisableUser", bob);
  await expect(pool.signIn("bob")).rejects.toMatchObject({ message: "User is disabled." });
  await expect(pool.call("GetUser", { AccessToken })).rejects.toThrow("Access Token has been revoked");
  await pool.call("AdminEnableUser", bob);
  const again = await pool.signIn("bob");
  await pool.call("DeleteUser", { AccessToken: again.AccessToken });
  await expect(pool.call("GetUser", { AccessToken: again.AccessToken })).rejects.toMatchObject({
    code: "UserNotFoundException",
    message: "User does not exist.",
  });
  const renewal = { ClientId: pool.ClientId, RefreshToken };
  await expect(pool.call("GetTokensFromRefreshToken", renewal)).rejects.toThrow("has been revoked");
  await pool.addBob();
  await expect(pool.call("GetUser", { AccessToken: again.AccessToken })).rejects.toThrow("does not exist");
});

test("an invitation brings a temporary password, which ends after a week and can be sent again", async () => {
  const carol = { UserPoolId: pool.poolId, Username: "carol" };
  const UserAttributes = [{ Name: "email", Value: "carol@example.com" }];
  await pool.call("AdminCreateUser", { ...carol, UserAttributes });
  const invited = () => / password is (\S+)\.$/.exec(pool.cognito.mailOf("carol").at(-1)?.text ?? "")?.[1];
  const first = invited();
  await pool.clock.advance(7 * 24 * 3_600_000);
  const start = (PASSWORD_GIVEN = "") =>
    pool.call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: pool.ClientId,
      AuthParameters: { USERNAME: "carol", PASSWORD: PASSWORD_GIVEN },
    });
  await expect(start(first)).rejects.toThrow(
    "Temporary password has expired and must be reset by an administrator.",
  );
  await pool.call("AdminCreateUser", { ...carol, MessageAction: "RESEND" });
  expect(await start(invited())).toMatchObject({ ChallengeName: "NEW_PASSWORD_REQUIRED" });
  await pool.addBob();
  const bob = { UserPoolId: pool.poolId, Username: "bob", MessageAction: "RESEND" };
  await expect(pool.call("AdminCreateUser", bob)).rejects.toMatchObject({
    code: "UnsupportedUserStateException",
  });
});

test("the first sign-in asks for what the operator left out, and a weak password may be tried again", async () => {
  const carol = { UserPoolId: pool.poolId, Username: "carol", TemporaryPassword: PASSWORD };
  await pool.call("AdminCreateUser", carol);
  const { Session, ChallengeParameters } = await pool.call("InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: pool.ClientId,
    AuthParameters: { USERNAME: "carol", PASSWORD },
  });
  expect(ChallengeParameters).toMatchObject({ requiredAttributes: '["userAttributes.email"]' });
  const respond = (responses: Record<string, string>) =>
    pool.call("RespondToAuthChallenge", {
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session,
      ClientId: pool.ClientId,
      ChallengeResponses: { USERNAME: "carol", ...responses },
    });
  const email = { "userAttributes.email": "carol@example.com" };
  await expect(respond({ NEW_PASSWORD: "Another 2!" })).rejects.toThrow("email is missing");
  await expect(respond({ NEW_PASSWORD: "weak", ...email })).rejects.toMatchObject({
    code: "InvalidPasswordException",
  });
  expect(tokensOf(await respond({ NEW_PASSWORD: "Another 2!", ...email }))).toHaveProperty("AccessToken");
});

test("a password that an operator has reset signs nobody in until its code is given", async () => {
  await pool.addBob();
  await pool.call("AdminResetUserPassword", { UserPoolId: pool.poolId, Username: "bob" });
  await expect(pool.signIn("bob")).rejects.toMatchObject({ code: "PasswordResetRequiredException" });
  await pool.call("ConfirmForgotPassword", {
    ClientId: pool.ClientId,
    Username: "bob",
    ConfirmationCode: pool.lastCode(),
    Password: "Another 2!",
  });
  await pool.signIn("bob", "Another 2!");
});

test.each([
  ['email = "bob@example.com"', ["bob"]],
  ['"email" ^= "bob"', ["bob"]],
  ['username ^= "Bob"', []],
  ['cognito:user_status = "unconfirmed"', ["alice"]],
  ['status = "Enabled"', ["alice", "bob"]],
])("people are found by %s", async (Filter, names) => {
  await pool.signUp("alice");
  await pool.addBob();
  const { Users } = await pool.call("ListUsers", {
    UserPoolId: pool.poolId,
    Filter,
    AttributesToGet: ["email"],
  });
  expect((Users as Shape[]).map(({ Username }) => Username)).toEqual(names);
  for (const { Attributes } of Users as { Attributes: Shape[] }[]) expect(Attributes).toHaveLength(1);
});

test("a filter that Cognito does not understand is refused", async () => {
  const list = (Filter: string) => pool.call("ListUsers", { UserPoolId: pool.poolId, Filter });
  await expect(list("email is bob")).rejects.toThrow("Error while parsing filter.");
  await expect(list('custom:age = "1"')).rejects.toMatchObject({ code: "InvalidParameterException" });
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
