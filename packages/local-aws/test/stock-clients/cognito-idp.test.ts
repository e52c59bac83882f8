import {
  CodeMismatchException,
  CognitoIdentityProvider,
  InvalidParameterException,
  InvalidPasswordException,
  NotAuthorizedException,
  paginateListUserPoolClients,
  paginateListUserPools,
  paginateListUsers,
  paginateListUsersInGroup,
  PasswordResetRequiredException,
  ResourceNotFoundException,
  UsernameExistsException,
  UserNotConfirmedException,
  UserNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider";
import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cognito, createCognito } from "../../src/cognito/cognito.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const Password = "Open shop 1!";
const NewPassword = "Open shop 2!";

let aws: StockAws<Cognito>;
let cognito: CognitoIdentityProvider;
let UserPoolId: string;
let ClientId: string;

beforeEach(async () => {
  aws = await openStockAws(createCognito);
  cognito = new CognitoIdentityProvider(aws.settings);
  UserPoolId = await newPool("Users");
  ClientId = await newClient("Kiosk");
  const GroupName = "operators";
  await aws.create("AWS::Cognito::UserPoolGroup", { UserPoolId, GroupName }, "Operators");
});
afterEach(async () => {
  cognito.destroy();
  await aws.close();
});

const newPool = async (logicalId: string) =>
  (await aws.create("AWS::Cognito::UserPool", { AutoVerifiedAttributes: ["email"] }, logicalId)).ref;
const newClient = async (logicalId: string) => {
  const ExplicitAuthFlows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
  const properties = { UserPoolId, ClientName: logicalId, ExplicitAuthFlows };
  return (await aws.create("AWS::Cognito::UserPoolClient", properties, logicalId)).ref;
};
const signUp = (Username = "alice", password = Password) => {
  const UserAttributes = [{ Name: "email", Value: `${Username}@example.com` }];
  return cognito.signUp({ ClientId, Username, Password: password, UserAttributes });
};
const lastCode = () => aws.happened.findLast((event) => event.kind === "verification-code")?.code ?? "";
const confirm = (ConfirmationCode = lastCode()) =>
  cognito.confirmSignUp({ ClientId, Username: "alice", ConfirmationCode });
const initiate = (PASSWORD = Password, USERNAME = "alice") =>
  cognito.initiateAuth({
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId,
    AuthParameters: { USERNAME, PASSWORD },
  });
const signIn = async (password = Password) => {
  const { AuthenticationResult } = await initiate(password);
  const { AccessToken = "", RefreshToken = "", IdToken = "", ExpiresIn } = AuthenticationResult ?? {};
  return { AccessToken, RefreshToken, IdToken, ExpiresIn };
};
const alice = {
  get UserPoolId() {
    return UserPoolId;
  },
  Username: "alice",
};
const getAlice = () => cognito.adminGetUser({ ...alice });

test("a person signs up, confirms with the code that is sent anew, and signs in", async () => {
  expect(await signUp()).toMatchObject({
    UserConfirmed: false,
    UserSub: expect.any(String),
    CodeDeliveryDetails: { Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email" },
  });
  await expect(initiate()).rejects.toThrow(UserNotConfirmedException);
  await expect(confirm("000")).rejects.toThrow(CodeMismatchException);
  await cognito.resendConfirmationCode({ ClientId, Username: "alice" });
  await confirm();
  const { AccessToken, IdToken, ExpiresIn } = await signIn();
  expect(ExpiresIn).toBe(3_600);
  expect(decodeJwt(IdToken)).toMatchObject({ aud: ClientId, "cognito:username": "alice" });
  const user = await cognito.getUser({ AccessToken });
  expect(user.UserAttributes).toContainEqual({ Name: "email_verified", Value: "true" });
});

test("tokens are renewed until the refresh token is revoked", async () => {
  await signUp();
  await confirm();
  const { RefreshToken } = await signIn();
  const renewed = await cognito.getTokensFromRefreshToken({ ClientId, RefreshToken });
  expect(renewed.AuthenticationResult).toMatchObject({ TokenType: "Bearer", ExpiresIn: 3_600 });
  const flow = { AuthFlow: "REFRESH_TOKEN_AUTH" as const, AuthParameters: { REFRESH_TOKEN: RefreshToken } };
  const again = await cognito.initiateAuth({ ClientId, ...flow });
  expect(again.AuthenticationResult?.AccessToken).toBeDefined();
  await cognito.revokeToken({ ClientId, Token: RefreshToken });
  await expect(cognito.getTokensFromRefreshToken({ ClientId, RefreshToken })).rejects.toThrow(
    NotAuthorizedException,
  );
});

test("a person changes the password, and signs out everywhere", async () => {
  await signUp();
  await confirm();
  const { AccessToken } = await signIn();
  const passwords = { PreviousPassword: Password, ProposedPassword: NewPassword };
  await cognito.changePassword({ AccessToken, ...passwords });
  await expect(initiate()).rejects.toThrow(NotAuthorizedException);
  const fresh = await signIn(NewPassword);
  await cognito.globalSignOut({ AccessToken: fresh.AccessToken });
  await expect(cognito.getUser({ AccessToken: fresh.AccessToken })).rejects.toThrow(NotAuthorizedException);
});

test("a person made by an operator is asked for a new password at the first sign-in", async () => {
  const { User } = await cognito.adminCreateUser({
    ...alice,
    TemporaryPassword: Password,
    MessageAction: "SUPPRESS",
  });
  const now = new Date(aws.clock.now());
  expect(User).toMatchObject({ UserStatus: "FORCE_CHANGE_PASSWORD", UserCreateDate: now, Enabled: true });
  const { ChallengeName, Session } = await initiate();
  expect(ChallengeName).toBe("NEW_PASSWORD_REQUIRED");
  const { AuthenticationResult } = await cognito.respondToAuthChallenge({
    ClientId,
    ChallengeName,
    Session,
    ChallengeResponses: { USERNAME: "alice", NEW_PASSWORD: NewPassword },
  });
  expect(AuthenticationResult?.AccessToken).toBeDefined();
  expect((await getAlice()).UserStatus).toBe("CONFIRMED");
});

test("an operator confirms a person, sets the password and adds the person to a group", async () => {
  await signUp();
  await cognito.adminConfirmSignUp({ ...alice });
  const permanent = { ...alice, Password: NewPassword, Permanent: true };
  await cognito.adminSetUserPassword(permanent);
  await cognito.adminAddUserToGroup({ ...alice, GroupName: "operators" });
  const { AccessToken } = await signIn(NewPassword);
  expect(decodeJwt(AccessToken)["cognito:groups"]).toEqual(["operators"]);
});

test("a person forgets the password and sets another with the code", async () => {
  await signUp();
  await confirm();
  await cognito.forgotPassword({ ClientId, Username: "alice" });
  const answer = { ClientId, Username: "alice", ConfirmationCode: lastCode(), Password: NewPassword };
  await cognito.confirmForgotPassword(answer);
  await expect(initiate()).rejects.toThrow(NotAuthorizedException);
  expect((await signIn(NewPassword)).ExpiresIn).toBe(3_600);
});

test("a person changes an address, proves it, and leaves", async () => {
  await signUp();
  await confirm();
  const { AccessToken } = await signIn();
  const UserAttributes = [
    { Name: "email", Value: "alice@example.org" },
    { Name: "nickname", Value: "Al" },
  ];
  const updated = await cognito.updateUserAttributes({ AccessToken, UserAttributes });
  expect(updated.CodeDeliveryDetailsList).toMatchObject([{ AttributeName: "email" }]);
  const AttributeName = "email";
  await cognito.getUserAttributeVerificationCode({ AccessToken, AttributeName });
  await cognito.verifyUserAttribute({ AccessToken, AttributeName, Code: lastCode() });
  await cognito.deleteUserAttributes({ AccessToken, UserAttributeNames: ["nickname"] });
  const user = await cognito.getUser({ AccessToken });
  expect(Object.fromEntries(user.UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? [])).toEqual({
    sub: expect.any(String),
    email: "alice@example.org",
    email_verified: "true",
  });
  await cognito.deleteUser({ AccessToken });
  await expect(getAlice()).rejects.toThrow(UserNotFoundException);
});

test("an operator changes, resets, disables, signs out and deletes a person", async () => {
  await signUp();
  await confirm();
  const { AccessToken } = await signIn();
  const UserAttributes = [
    { Name: "email", Value: "alice@example.org" },
    { Name: "email_verified", Value: "true" },
    { Name: "name", Value: "Alice" },
  ];
  await cognito.adminUpdateUserAttributes({ ...alice, UserAttributes });
  expect((await getAlice()).UserAttributes).toEqual([
    expect.objectContaining({ Name: "sub" }),
    ...UserAttributes,
  ]);
  await cognito.adminUserGlobalSignOut({ ...alice });
  await expect(cognito.getUser({ AccessToken })).rejects.toThrow("has been revoked");
  await cognito.adminDisableUser({ ...alice });
  expect((await getAlice()).Enabled).toBe(false);
  await cognito.adminEnableUser({ ...alice });
  await cognito.adminResetUserPassword({ ...alice });
  await expect(signIn()).rejects.toThrow(PasswordResetRequiredException);
  await cognito.adminDeleteUser({ ...alice });
  await expect(getAlice()).rejects.toThrow(UserNotFoundException);
});

test("a group is filled, listed page by page, and emptied", async () => {
  await signUp();
  await signUp("bob");
  const group = { UserPoolId, GroupName: "operators" };
  const members = async () => {
    const names: (string | undefined)[] = [];
    // The SDK's paginator keeps its place in the input that it is given.
    const pages = paginateListUsersInGroup({ client: cognito, pageSize: 1 }, { ...group });
    for await (const { Users = [] } of pages) names.push(...Users.map(({ Username }) => Username));
    return names;
  };
  for (const Username of ["alice", "bob"]) await cognito.adminAddUserToGroup({ ...group, Username });
  expect(await members()).toEqual(["alice", "bob"]);
  await cognito.adminRemoveUserFromGroup({ ...group, Username: "alice" });
  expect(await members()).toEqual(["bob"]);
  const unknown = cognito.adminAddUserToGroup({ UserPoolId, GroupName: "guests", Username: "bob" });
  await expect(unknown).rejects.toThrow(ResourceNotFoundException);
});

test("pools, clients and people are listed page by page, with dates", async () => {
  await newPool("Others");
  await newClient("Browser");
  for (const name of ["alice", "bob", "carol"]) await signUp(name);
  const { UserPool } = await cognito.describeUserPool({ UserPoolId });
  const CreationDate = new Date(aws.clock.now());
  expect(UserPool).toMatchObject({ Id: UserPoolId, CreationDate, EstimatedNumberOfUsers: 3 });

  const one = { client: cognito, pageSize: 1 };
  const pools: (string | undefined)[] = [];
  for await (const page of paginateListUserPools(one, { MaxResults: 1 }))
    pools.push(...(page.UserPools ?? []).map(({ Id }) => Id));
  expect(pools).toEqual([UserPoolId, expect.not.stringMatching(UserPoolId)]);
  const clients: (string | undefined)[] = [];
  for await (const page of paginateListUserPoolClients(one, { UserPoolId }))
    clients.push(...(page.UserPoolClients ?? []).map(({ ClientName }) => ClientName));
  expect(clients).toEqual(["Kiosk", "Browser"]);
  const people: (string | undefined)[][] = [];
  for await (const page of paginateListUsers({ client: cognito, pageSize: 2 }, { UserPoolId }))
    people.push((page.Users ?? []).map(({ Username }) => Username));
  expect(people).toEqual([["alice", "bob"], ["carol"]]);
  await expect(cognito.listUsers({ UserPoolId, Limit: 61 })).rejects.toThrow(InvalidParameterException);
});

test("an app client is shown with what it may do", async () => {
  const { UserPoolClient } = await cognito.describeUserPoolClient({ UserPoolId, ClientId });
  expect(UserPoolClient).toMatchObject({ ClientName: "Kiosk", EnableTokenRevocation: true });
  expect(UserPoolClient?.ExplicitAuthFlows).toContain("ALLOW_USER_SRP_AUTH");
  const elsewhere = { UserPoolId: await newPool("Others"), ClientId };
  await expect(cognito.describeUserPoolClient(elsewhere)).rejects.toThrow(ResourceNotFoundException);
});

test("errors are the client's own classes with Cognito's words", async () => {
  await expect(signUp("alice", "short")).rejects.toThrow(InvalidPasswordException);
  await signUp();
  await expect(signUp()).rejects.toThrow(UsernameExistsException);
  await confirm();
  await expect(initiate("wrong")).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Incorrect username or password.",
    $metadata: { httpStatusCode: 400 },
  });
  await expect(initiate(Password, "bob")).rejects.toThrow(UserNotFoundException);
  await expect(cognito.describeUserPool({ UserPoolId: "none" })).rejects.toThrow(ResourceNotFoundException);
});

test("a stock client has used every operation of Cognito", () => expect(aws.untried()).toEqual([]));
