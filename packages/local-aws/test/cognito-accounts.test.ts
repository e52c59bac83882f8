/** What people do with their accounts: sign up, prove an address, forget a password. */
import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { openPool, PASSWORD, type Pool, signInBySrp } from "./cognito-pool.ts";

let pool: Pool;
beforeEach(async () => {
  pool = await openPool();
});
afterEach(() => pool.clock.dispose());

async function reopen(client: Shape, properties: Shape = {}): Promise<void> {
  pool.clock.dispose();
  pool = await openPool(client, properties);
}

const attribute = async (name: string) => {
  const { UserAttributes } = await pool.call("AdminGetUser", { UserPoolId: pool.poolId, Username: "bob" });
  return (UserAttributes as Shape[]).find(({ Name }) => Name === name)?.Value;
};
const update = (AccessToken: string | undefined, Name: string, Value: string) =>
  pool.call("UpdateUserAttributes", { AccessToken, UserAttributes: [{ Name, Value }] });

test("an account is usable once the code that was sent is given", async () => {
  expect(await pool.signUp("alice")).toMatchObject({
    UserConfirmed: false,
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: "a***@e***" },
  });
  await expect(pool.signIn("alice")).rejects.toMatchObject({
    code: "UserNotConfirmedException",
    message: "User is not confirmed.",
  });
  for (const password of [PASSWORD, "another"])
    await expect(signInBySrp(pool, { username: "alice", password })).rejects.toMatchObject({
      code: "UserNotConfirmedException",
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
  await pool.clock.advance(1_800_000);
  await pool.call("ForgotPassword", request);
  await expect(confirm("Another 2!", "no code")).rejects.toMatchObject({ code: "CodeMismatchException" });
  await pool.clock.advance(1_800_000);
  await expect(confirm("weak")).rejects.toMatchObject({ code: "InvalidPasswordException" });
  await confirm("Another 2!");
  await expect(confirm("Another 3!")).rejects.toMatchObject({ code: "ExpiredCodeException" });
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
