/** What operators do with people: invite, find, disable, reset, delete. */
import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { openPool, PASSWORD, type Pool, tokensOf } from "./cognito-pool.ts";

let pool: Pool;
beforeEach(async () => {
  pool = await openPool();
});
afterEach(() => pool.clock.dispose());

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

test("an account that is deleted or disabled is signed out everywhere", async () => {
  await pool.addBob();
  const { AccessToken } = await pool.signIn("bob");
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
  const renewal = { ClientId: pool.ClientId, RefreshToken: again.RefreshToken };
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
