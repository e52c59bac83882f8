/** Who makes a request: a user with a token of the API's user pool, or a caller with AWS credentials. */
import { decodeProtectedHeader, errors, type JSONWebKeySet, type JWTPayload } from "jose";
import type { Caller, LocalAws } from "../local-aws.ts";
import { verifiedToken } from "../verified-token.ts";
import type { AuthMode, GraphqlApi, UserPool } from "./apis.ts";
import { RequestError } from "./graphql-error.ts";
import { checkSignature, type SignedRequest } from "./signature.ts";

export interface Identity {
  readonly mode: AuthMode;
  readonly groups: readonly string[];
  /** What resolvers see as `ctx.identity`. */
  readonly context: Readonly<Record<string, unknown>>;
}

export interface Credentials {
  readonly authorization: string | undefined;
  readonly sourceIp: string;
  /** What a signature covers, if it is one. */
  readonly signed: SignedRequest;
}

export type JwksOf = (issuer: string) => JSONWebKeySet | undefined;

const refused = (message: string): RequestError => new RequestError(401, "UnauthorizedException", message);
const NOT_AUTHORIZED = "You are not authorized to make this call.";

export async function identify(
  {
    localAws,
    api,
    jwksOf,
  }: { readonly localAws: LocalAws; readonly api: GraphqlApi; readonly jwksOf: JwksOf },
  { authorization, sourceIp, signed }: Credentials,
): Promise<Identity> {
  if (!authorization) throw refused("Valid authorization header not provided.");
  if (authorization.startsWith("AWS4-HMAC-SHA256 ")) {
    if (!api.modes.includes("AWS_IAM")) throw refused(NOT_AUTHORIZED);
    checkSignature(signed, localAws.credentials, localAws.clock.now());
    return iamIdentity(localAws, { kind: "person" }, sourceIp);
  }
  const { userPool } = api;
  if (!userPool) throw refused(NOT_AUTHORIZED);
  const token = authorization.replace(/^bearer /i, "").trim();
  const claims = await localAws.clock.hold(() => verify(token, userPool, jwksOf, localAws.clock.now()));
  return userPoolIdentity(claims, sourceIp);
}

export function iamIdentity(localAws: LocalAws, caller: Caller, sourceIp = "127.0.0.1"): Identity {
  const userArn = caller.kind === "role" ? caller.arn : `arn:aws:iam::${localAws.account}:user/local`;
  const context = { accountId: localAws.account, userArn, username: userArn, sourceIp: [sourceIp] };
  return { mode: "AWS_IAM", groups: [], context };
}

async function verify(token: string, pool: UserPool, jwksOf: JwksOf, nowMs: number): Promise<JWTPayload> {
  const claims = await verified(token, pool, jwksOf, nowMs);
  const clientId = claims["token_use"] === "id" ? claims.aud : claims["client_id"];
  if (pool.clientId && !pool.clientId.test(String(clientId))) throw refused(NOT_AUTHORIZED);
  return claims;
}

async function verified(token: string, pool: UserPool, jwksOf: JwksOf, nowMs: number): Promise<JWTPayload> {
  try {
    const { kid } = decodeProtectedHeader(token);
    const key = jwksOf(pool.issuer)?.keys.find((candidate) => candidate.kid === kid);
    if (!key) throw refused(NOT_AUTHORIZED);
    return await verifiedToken(token, key, { issuer: pool.issuer, nowMs });
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    if (cause instanceof errors.JWTExpired) throw refused("Token has expired.");
    if (cause instanceof errors.JOSEError) throw refused(NOT_AUTHORIZED);
    throw refused("Unable to parse JWT token.");
  }
}

function userPoolIdentity(claims: JWTPayload, sourceIp: string): Identity {
  // Cognito writes a list, or nothing.
  const groups = claims["cognito:groups"] as string[] | undefined;
  return {
    mode: "AMAZON_COGNITO_USER_POOLS",
    groups: groups ?? [],
    context: {
      sub: claims.sub,
      issuer: claims.iss,
      username: claims["username"] ?? claims["cognito:username"],
      claims,
      groups: groups ?? null,
      sourceIp: [sourceIp],
      defaultAuthStrategy: "ALLOW",
    },
  };
}
