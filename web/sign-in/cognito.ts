/** Requests to the user pool, unsigned, as its app client allows them. */

export interface Pool {
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  /** Of a local runtime: where Cognito answers. */
  readonly cognitoUrl?: string | undefined;
}

/** Refusals that a person can do something about, by the names of Cognito's exceptions. */
export const SIGN_IN_REFUSALS = [
  "NotAuthorizedException",
  "UsernameExistsException",
  "InvalidPasswordException",
  "InvalidParameterException",
  "CodeMismatchException",
  "ExpiredCodeException",
  "LimitExceededException",
  "TooManyRequestsException",
] as const;

/** A refusal of Cognito's. `code` is its exception's name; the message is for people, in English. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Tokens {
  readonly AccessToken: string;
  readonly RefreshToken?: string;
}

export interface Answer {
  readonly ChallengeName?: string;
  readonly ChallengeParameters?: Readonly<Record<string, string>>;
  readonly AuthenticationResult?: Tokens;
}

type Operation =
  | "SignUp"
  | "ConfirmSignUp"
  | "ResendConfirmationCode"
  | "InitiateAuth"
  | "RespondToAuthChallenge"
  | "GetTokensFromRefreshToken"
  | "RevokeToken"
  | "ForgotPassword"
  | "ConfirmForgotPassword";

/** Rejects with a Refusal, or with what `fetch` throws without a network. */
export async function ask(
  { userPoolId, userPoolClientId, cognitoUrl }: Pool,
  operation: Operation,
  input: object,
): Promise<Answer> {
  const [region] = userPoolId.split("_");
  const reply = await fetch(cognitoUrl ?? `https://cognito-idp.${region}.amazonaws.com/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: userPoolClientId, ...input }),
    cache: "no-store",
    // A page that is being left still revokes its token.
    keepalive: operation === "RevokeToken",
  });
  const body: unknown = await reply.json().catch(() => ({}));
  if (reply.ok) return body as Answer; // Cognito's own shape, of which only strings are read
  // Some answers carry the service's namespace before the name.
  const { __type = `HTTP ${reply.status}`, message = "" } = body as { __type?: string; message?: string };
  throw new Refusal(__type.split("#").at(-1) ?? __type, message);
}
