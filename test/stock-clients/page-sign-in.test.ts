/** Signing in without a library, against the stack's own user pool. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { openSession, type Session, SessionEnded, type SignInConfig } from "../../web/sign-in/session.ts";
import { startWorld, type World } from "../world.ts";

const password = "Ring ring 1!";
const OPERATION = /^AWSCognitoIdentityProviderService\.(\w+)$/;

let world: World;
let config: SignInConfig;
let session: Session;
let username: string;
/** The operations asked for, in order. */
let asked: string[];
let isOnline: boolean;

beforeAll(async () => {
  world = await startWorld();
  const { UserPoolId: userPoolId = "", UserPoolClientId: userPoolClientId = "" } = world.runtime.outputs;
  config = { userPoolId, userPoolClientId };
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(({ task }) => {
  username = `erin-${task.id}`;
  asked = [];
  isOnline = true;
  vi.stubGlobal("sessionStorage", storage());
  vi.stubGlobal("fetch", cognito);
  session = openSession(config, { perTab: true });
});
afterEach(() => void vi.unstubAllGlobals());

/** What AWS's endpoint would do with the page's request. */
async function cognito(_url: string, init: { headers: Record<string, string>; body: string }) {
  if (!isOnline) throw new TypeError("Failed to fetch");
  const operation = OPERATION.exec(init.headers["x-amz-target"] ?? "")?.[1] ?? "";
  asked.push(operation);
  const call = { service: "cognito-idp", operation, input: JSON.parse(init.body) as Shape, caller: PERSON };
  return world.runtime.localAws.call(call).then(
    (body) => new Response(JSON.stringify(body)),
    ({ name: __type, message }: Error) => new Response(JSON.stringify({ __type, message }), { status: 400 }),
  );
}

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const mailedCode = () => /\d{6}/.exec(world.runtime.cognito.mailOf(username).at(-1)?.text ?? "")?.[0] ?? "";

async function join(): Promise<void> {
  await session.signUp({ username, password, email: `${username}@example.com` });
  await session.confirm(username, mailedCode());
}

test("a newcomer signs up, confirms, and proves the password without sending it", async () => {
  await session.signUp({ username, password, email: `${username}@example.com` });
  expect(await session.signIn({ username, password })).toBe("confirm-email");
  await session.resendCode(username);
  await session.confirm(username, mailedCode());
  await expect(session.signIn({ username, password: "Wrong one 1!" })).rejects.toMatchObject({
    code: "NotAuthorizedException",
  });
  asked = [];
  expect(await session.signIn({ username, password })).toBe("signed-in");
  expect(asked).toEqual(["InitiateAuth", "RespondToAuthChallenge"]);
  expect(session.username()).toBe(username);
  expect(session.userId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(session.isOperator()).toBe(false);
});

test("a forgotten password is set anew with the code of an e-mail", async () => {
  await join();
  await session.forgotPassword(username);
  const code = mailedCode();
  await expect(session.setPassword({ username, password: "weak", code })).rejects.toMatchObject({
    code: "InvalidPasswordException",
  });
  await session.setPassword({ username, password: "Ring ring 2!", code });
  await expect(session.signIn({ username, password })).rejects.toThrow("Incorrect username or password");
  expect(await session.signIn({ username, password: "Ring ring 2!" })).toBe("signed-in");
});

test("a page that is loaded again is signed in, and two requests at once renew a spent token once", async () => {
  await join();
  await session.signIn({ username, password });
  const again = openSession(config, { perTab: true });
  const first = await again.accessToken();
  asked = [];
  const [one, other] = await Promise.all([
    again.accessToken({ refresh: true }),
    again.accessToken({ refresh: true }),
  ]);
  expect(asked).toEqual(["GetTokensFromRefreshToken"]);
  expect(one).toBe(other);
  expect(one).not.toBe(first);
  expect(again.username()).toBe(username);
});

test("a session that Cognito does not renew is over, and its tokens are gone", async () => {
  await join();
  await session.signIn({ username, password });
  await world.aws("cognito-idp", "AdminUserGlobalSignOut", {
    UserPoolId: config.userPoolId,
    Username: username,
  });
  await expect(session.accessToken({ refresh: true })).rejects.toBeInstanceOf(SessionEnded);
  expect(session.username()).toBeUndefined();
  await expect(session.accessToken()).rejects.toBeInstanceOf(SessionEnded);
});

test("without a network a session stays, and signing out still works", async () => {
  await join();
  await session.signIn({ username, password });
  isOnline = false;
  await expect(session.accessToken({ refresh: true })).rejects.toThrow("Failed to fetch");
  expect(session.username()).toBe(username);
  await session.signOut();
  expect(session.username()).toBeUndefined();
});

test("signing out revokes the refresh token at Cognito", async () => {
  await join();
  await session.signIn({ username, password });
  await session.signOut();
  expect(asked.at(-1)).toBe("RevokeToken");
});
