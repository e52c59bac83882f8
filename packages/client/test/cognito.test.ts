/** Signing in by password, as a first try does. */
import { expect, test } from "vitest";
import { passwordSignIn } from "../src/cognito.ts";
import type { FetchLike } from "../src/wire/rest-api.ts";

const alice = { username: "alice", password: "right" };
const pool = { userPoolClientId: "app", region: "eu-central-1" };

function cognito() {
  const asked: { url: string; body: unknown }[] = [];
  const fetch: FetchLike = async (url, { body }) => {
    const input = JSON.parse(body) as { AuthParameters: { PASSWORD: string } };
    asked.push({ url, body: input });
    const isRight = input.AuthParameters.PASSWORD === "right";
    const said = isRight
      ? { AuthenticationResult: { AccessToken: `token ${asked.length}` } }
      : { __type: "NotAuthorizedException", message: "Incorrect username or password." };
    return { ok: isRight, status: isRight ? 200 : 400, json: async () => said };
  };
  return { asked, fetch };
}

test("the token is kept until the phone wants another one", async () => {
  const { asked, fetch } = cognito();
  const accessToken = passwordSignIn(pool, alice, fetch);
  expect(await Promise.all([accessToken({ refresh: false }), accessToken({ refresh: false })])).toEqual([
    "token 1",
    "token 1",
  ]);
  expect(await accessToken({ refresh: true })).toBe("token 2");
  expect(await accessToken({ refresh: false })).toBe("token 2");
  expect(asked[0]).toEqual({
    url: "https://cognito-idp.eu-central-1.amazonaws.com",
    body: {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: "app",
      AuthParameters: { USERNAME: "alice", PASSWORD: "right" },
    },
  });
});

test("a refusal is told in Cognito's words, and the next request tries again", async () => {
  const { asked, fetch } = cognito();
  const accessToken = passwordSignIn(
    { ...pool, cognitoUrl: "http://127.0.0.1:4566" },
    { ...alice, password: "wrong" },
    fetch,
  );
  const refusal = "Cognito did not sign alice in: Incorrect username or password.";
  await expect(accessToken({ refresh: false })).rejects.toThrow(refusal);
  await expect(accessToken({ refresh: false })).rejects.toThrow(refusal);
  expect(asked.map(({ url }) => url)).toEqual(["http://127.0.0.1:4566", "http://127.0.0.1:4566"]);
});
