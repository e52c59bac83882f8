/**
 * A sign-in by password at the stack's user pool: for a first try, a demo or a test. An app of its own signs in without sending the
 * password (SRP, as Amplify does) and keeps a refresh token.
 */
import { needed } from "./environment.ts";
import { maybe, object, text, tryRead } from "./wire/read.ts";
import type { AccessToken, FetchLike } from "./wire/rest-api.ts";

/** What `/config.json` of a stack says of it. */
export interface UserPool {
  readonly userPoolClientId: string;
  readonly region: string;
  /** Of the local runtime: where Cognito answers. */
  readonly cognitoUrl?: string | undefined;
}

export interface Password {
  readonly username: string;
  readonly password: string;
}

const signedIn = object({ AuthenticationResult: object({ AccessToken: text }) });
const refusal = object({ message: maybe(text), __type: maybe(text) });

/** An `accessToken` for `createPhone`. Rejects with Cognito's words. */
export function passwordSignIn(
  { userPoolClientId, region, cognitoUrl = `https://cognito-idp.${region}.amazonaws.com` }: UserPool,
  { username, password }: Password,
  fetch: FetchLike | undefined = (globalThis as { fetch?: FetchLike }).fetch,
): AccessToken {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
  };
  const AuthParameters = { USERNAME: username, PASSWORD: password };
  const body = JSON.stringify({ AuthFlow: "USER_PASSWORD_AUTH", ClientId: userPoolClientId, AuthParameters });

  async function signIn(): Promise<string> {
    const reply = await needed(fetch, "fetch")(cognitoUrl, { method: "POST", headers, body });
    const said = await reply.json();
    const token = tryRead(signedIn, said)?.AuthenticationResult.AccessToken;
    if (token) return token;
    const { message, __type: type } = tryRead(refusal, said) ?? {};
    throw new Error(`Cognito did not sign ${username} in: ${message ?? type ?? `HTTP ${reply.status}`}`);
  }

  let kept: Promise<string> | undefined;
  return ({ refresh }) => {
    if (refresh || !kept) {
      const fresh = signIn();
      kept = fresh;
      fresh.catch(() => kept === fresh && (kept = undefined));
    }
    return kept;
  };
}
