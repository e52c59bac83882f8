/** The app's side of sign-up and sign-in: the stock Amplify library against the deployed pool, over HTTP. */
import { Amplify } from "aws-amplify";
import {
  confirmResetPassword,
  confirmSignUp,
  confirmUserAttribute,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
  updatePassword,
  updateUserAttributes,
} from "aws-amplify/auth";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { request, startWorld, type World } from "../world.ts";

const password = "Ring ring 1!";
const newPassword = "Ring ring 2!";

let world: World;
let servers: Servers;
let username: string;
let email: string;

beforeAll(async () => {
  // Amplify warns of every address that is not AWS's own.
  vi.spyOn(console, "warn").mockReturnValue();
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  const { UserPoolId: userPoolId = "", UserPoolClientId: userPoolClientId = "" } = world.runtime.outputs;
  const userPoolEndpoint = `http://127.0.0.1:${servers.awsPort}`;
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } } });
});
afterAll(async () => {
  await servers.close();
  await world[Symbol.asyncDispose]();
  vi.restoreAllMocks();
});
beforeEach(({ task }) => {
  username = `carol-${task.id}`;
  email = `${username}@example.com`;
});
afterEach(() => signOut());

/** The code in the last e-mail. */
const mailedCode = () => /\d{6}/.exec(world.runtime.cognito.mailOf(username).at(-1)?.text ?? "")?.[0] ?? "";
const accessToken = async () => (await fetchAuthSession()).tokens?.accessToken.toString();
/** What the HTTP API says to a command with this token. */
const statusWith = async (token: string | undefined) => {
  const command = { action: "register", notifyType: "GCM", deviceToken: "carols-phone" };
  return (await request(world.runtime, token, JSON.stringify(command))).status;
};

async function join(): Promise<void> {
  await signUp({ username, password, options: { userAttributes: { email } } });
  await confirmSignUp({ username, confirmationCode: mailedCode() });
}

test("a newcomer signs up, confirms, signs in by SRP, and has tokens that the API accepts", async () => {
  const { nextStep } = await signUp({ username, password, options: { userAttributes: { email } } });
  expect(nextStep.signUpStep).toBe("CONFIRM_SIGN_UP");
  await expect(signIn({ username, password })).resolves.toMatchObject({
    nextStep: { signInStep: "CONFIRM_SIGN_UP" },
  });
  await resendSignUpCode({ username });
  await confirmSignUp({ username, confirmationCode: mailedCode() });
  await expect(signIn({ username, password: "Wrong one 1!" })).rejects.toMatchObject({
    name: "NotAuthorizedException",
  });
  expect(await signIn({ username, password })).toMatchObject({ isSignedIn: true });
  expect(await getCurrentUser()).toMatchObject({ username });
  expect(await fetchUserAttributes()).toMatchObject({ email, email_verified: "true" });
  expect(await statusWith(await accessToken())).toBe(200);
});

test("an expired access token is renewed without the person", async () => {
  await join();
  await signIn({ username, password });
  const first = await accessToken();
  await world.clock.advance(3_600_000);
  const second = await accessToken();
  expect(second).not.toBe(first);
  expect([await statusWith(first), await statusWith(second)]).toEqual([401, 200]);
});

test("a new address replaces the old one once it is proven", async () => {
  await join();
  await signIn({ username, password });
  const next = `${username}@example.org`;
  const { email: result } = await updateUserAttributes({ userAttributes: { email: next } });
  expect(result?.nextStep.updateAttributeStep).toBe("CONFIRM_ATTRIBUTE_WITH_CODE");
  expect(await fetchUserAttributes()).toMatchObject({ email, email_verified: "true" });
  await confirmUserAttribute({ userAttributeKey: "email", confirmationCode: mailedCode() });
  expect(await fetchUserAttributes()).toMatchObject({ email: next, email_verified: "true" });
});

test("a forgotten password is reset with the code, and a known one is changed", async () => {
  await join();
  expect((await resetPassword({ username })).nextStep.resetPasswordStep).toBe(
    "CONFIRM_RESET_PASSWORD_WITH_CODE",
  );
  await confirmResetPassword({ username, newPassword, confirmationCode: mailedCode() });
  await signIn({ username, password: newPassword });
  await updatePassword({ oldPassword: newPassword, newPassword: password });
  await signOut();
  expect(await signIn({ username, password })).toMatchObject({ isSignedIn: true });
});

test("signing out everywhere ends the session at Cognito; the API takes the access token until it expires", async () => {
  await join();
  await signIn({ username, password });
  const token = await accessToken();
  await signOut({ global: true });
  await expect(getCurrentUser()).rejects.toMatchObject({ name: "UserUnAuthenticatedException" });
  await expect(world.aws("cognito-idp", "GetUser", { AccessToken: token })).rejects.toThrow(
    "Access Token has been revoked",
  );
  expect(await statusWith(token)).toBe(200);
});
