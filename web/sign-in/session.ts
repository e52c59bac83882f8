/**
 * Signing in to the stack's user pool: what both pages share. The password is proven by SRP and leaves the page only when it is set.
 *
 * An access token is renewed before it runs out, by the time that the server gave it; several requests at once share one renewal.
 * A session that Cognito will not renew is over: its tokens are forgotten, and `accessToken` says so by `SessionEnded`. Without a
 * network a session stays.
 */
import type { SiteConfig } from "../site-config.ts";
import { type Answer, ask, type Pool, Refusal, type Tokens } from "./cognito.ts";
import { type Claims, claimsOf, keptTokens, type Signed } from "./kept-tokens.ts";
import { claimOf, clientKey, timestampOf } from "./srp.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where the session goes next. A refusal of Cognito's is thrown as a Refusal. */
export type SignInStep = "signed-in" | "confirm-email" | "reset-password";

/** No user is signed in, or no longer. */
export class SessionEnded extends Error {
  override readonly name = "SessionEnded";
}

export interface Session {
  /** The name of the signed-in user; undefined without one. */
  username(): string | undefined;
  /** The user pool's own id of the signed-in user: `sub`. */
  userId(): string;
  /** Good for at least a while. `refresh`: the server has refused the last one. */
  accessToken(wanted?: { readonly refresh: boolean }): Promise<string>;
  isOperator(): boolean;
  signIn(credentials: Credentials): Promise<SignInStep>;
  signUp(newcomer: Credentials & { readonly email: string }): Promise<SignInStep>;
  confirm(username: string, code: string): Promise<void>;
  resendCode(username: string): Promise<void>;
  /** Sends a code to the user's e-mail address. */
  forgotPassword(username: string): Promise<void>;
  setPassword(wanted: Credentials & { readonly code: string }): Promise<void>;
  /** Never fails: without a network the tokens are forgotten here and run out there. */
  signOut(): Promise<void>;
  /** The server has ended the session already. */
  forget(): void;
}

export type SignInConfig = Pick<SiteConfig, "userPoolId" | "userPoolClientId" | "cognitoUrl">;

interface SessionOptions {
  /** Each tab is signed in by itself, so that two people can call each other in one browser. */
  readonly perTab: boolean;
}

const SECRET_BYTES = 128;
/** What a token should still be good for when it is used. */
const MARGIN_MS = 60_000;

export function openSession(config: SignInConfig, { perTab }: SessionOptions): Session {
  const tokens = keptTokens(perTab ? sessionStorage : localStorage, config.userPoolClientId);
  let renewing: Promise<string> | undefined;

  async function renewed({ refreshToken }: Signed): Promise<string> {
    try {
      const answer = await ask(config, "GetTokensFromRefreshToken", { RefreshToken: refreshToken });
      return tokens.write(resultOf(answer), refreshToken).accessToken;
    } catch (error) {
      if (!(error instanceof Refusal) || isPassing(error)) throw error;
      tokens.forget();
      throw new SessionEnded(error.message, { cause: error });
    }
  }

  const renew = (signed: Signed): Promise<string> =>
    (renewing ??= renewed(signed).finally(() => (renewing = undefined)));

  function claims(): Claims | undefined {
    const signed = tokens.read();
    return signed && claimsOf(signed.accessToken);
  }

  return {
    username: () => claims()?.username,
    userId: () => claims()?.sub ?? "",
    async accessToken({ refresh } = { refresh: false }) {
      const signed = tokens.read();
      if (!signed) throw new SessionEnded("No user is signed in.");
      return refresh || tokens.leftMs(signed) < MARGIN_MS ? renew(signed) : signed.accessToken;
    },
    isOperator: () => claims()?.["cognito:groups"]?.includes("operators") ?? false,
    async signIn(credentials) {
      const answer = await proven(config, credentials).catch(nextStep);
      if (typeof answer === "string") return answer;
      tokens.write(resultOf(answer));
      return "signed-in";
    },
    async signUp({ username, password, email }) {
      const attributes = [{ Name: "email", Value: email }];
      await ask(config, "SignUp", { Username: username, Password: password, UserAttributes: attributes });
      return "confirm-email";
    },
    async confirm(username, code) {
      await ask(config, "ConfirmSignUp", { Username: username, ConfirmationCode: code });
    },
    async resendCode(username) {
      await ask(config, "ResendConfirmationCode", { Username: username });
    },
    async forgotPassword(username) {
      await ask(config, "ForgotPassword", { Username: username });
    },
    async setPassword({ username, password, code }) {
      const input = { Username: username, Password: password, ConfirmationCode: code };
      await ask(config, "ConfirmForgotPassword", input);
    },
    async signOut() {
      const signed = tokens.read();
      tokens.forget();
      if (signed) await ask(config, "RevokeToken", { Token: signed.refreshToken }).catch(() => undefined);
    },
    forget: () => tokens.forget(),
  };
}

/** By SRP. */
async function proven(pool: Pool, { username, password }: Credentials): Promise<Answer> {
  const key = clientKey(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  const parameters = { USERNAME: username, SRP_A: key.public.toString(16) };
  const first = await ask(pool, "InitiateAuth", { AuthFlow: "USER_SRP_AUTH", AuthParameters: parameters });
  if (first.ChallengeName !== "PASSWORD_VERIFIER") return first;
  const { USER_ID_FOR_SRP = "", SALT = "", SRP_B = "", SECRET_BLOCK = "" } = first.ChallengeParameters ?? {};
  const challenge = {
    poolName: pool.userPoolId.split("_")[1] ?? "",
    username: USER_ID_FOR_SRP,
    salt: SALT,
    serverPublic: SRP_B,
    secretBlock: SECRET_BLOCK,
    timestamp: timestampOf(Date.now()),
  };
  return ask(pool, "RespondToAuthChallenge", {
    ChallengeName: first.ChallengeName,
    ChallengeResponses: {
      USERNAME: USER_ID_FOR_SRP,
      PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
      TIMESTAMP: challenge.timestamp,
      PASSWORD_CLAIM_SIGNATURE: await claimOf(key, challenge, password),
    },
  });
}

/** Two refusals are a step of signing in. */
function nextStep(error: unknown): SignInStep {
  if (error instanceof Refusal && error.code === "UserNotConfirmedException") return "confirm-email";
  if (error instanceof Refusal && error.code === "PasswordResetRequiredException") return "reset-password";
  throw error;
}

function resultOf({ AuthenticationResult, ChallengeName }: Answer): Tokens {
  if (AuthenticationResult) return AuthenticationResult;
  throw new Refusal("UnknownStep", `Signing in needs a step this page has not: ${ChallengeName}`);
}

/** Cognito was too busy to decide. */
const isPassing = ({ code }: Refusal): boolean =>
  code === "TooManyRequestsException" || code === "InternalErrorException" || code.startsWith("HTTP 5");
