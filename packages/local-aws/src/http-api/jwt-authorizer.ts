/**
 * The JWT authorizer of an HTTP API: RS256 only, key by `kid`, issuer, times, audience, scopes.
 *
 * J1 The audience is looked for in `aud`, and in `client_id` only if there is no `aud`: Cognito's access tokens have none.
 * J2 It cannot tell an access token from an id token; only a scope on the route keeps id tokens out.
 */
import { decodeProtectedHeader, errors } from "jose";
import type { JSONWebKeySet, JWTPayload } from "jose";
import type { Clock } from "../clock.ts";
import { verifiedToken } from "../verified-token.ts";
import type { JwtAuthorizer, Route } from "./apis.ts";
import { gatewayReply, headerOf } from "./http-message.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";

export interface Authorized {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/** Why a token is not accepted, as told in the `www-authenticate` header. */
class InvalidToken extends Error {}

export interface Authorization {
  readonly authorizer: JwtAuthorizer;
  readonly route: Route;
  readonly request: HttpRequest;
  readonly clock: Clock;
  readonly jwksOf: (issuer: string) => JSONWebKeySet | undefined;
}

export async function authorize(asked: Authorization): Promise<Authorized | HttpResponse> {
  const { authorizer, route, request } = asked;
  const token = headerOf(request, authorizer.header)
    ?.replace(/^bearer /i, "")
    .trim();
  if (!token) return gatewayReply(401, { "www-authenticate": "Bearer" });
  try {
    const claims = await asked.clock.hold(() => verify(token, asked));
    const scopes = scopesOf(claims).filter((scope) => route.scopes.includes(scope));
    if (route.scopes.length > 0 && scopes.length === 0) return missingScope(route);
    return { claims: asStrings(claims), scopes: route.scopes.length > 0 ? scopes : null };
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error;
    const reason = `error="invalid_token" error_description="${error.message}"`;
    return gatewayReply(401, { "www-authenticate": `Bearer scope="" ${reason}` });
  }
}

async function verify(token: string, { authorizer, clock, jwksOf }: Authorization): Promise<JWTPayload> {
  if (token.split(".").length !== 3) throw new InvalidToken("token contains an invalid number of segments");
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== "RS256") throw new InvalidToken(`signing method ${shown(alg)} is invalid`);
    const key = jwksOf(authorizer.issuer)?.keys.find((candidate) => candidate.kid === kid);
    if (!key) throw new InvalidToken("unable to find a signing key that matches the kid");
    const payload = await verifiedToken(token, key, { nowMs: clock.now() });
    checkClaims(payload, authorizer, clock.now() / 1000);
    return payload;
  } catch (error) {
    if (error instanceof InvalidToken) throw error;
    throw new InvalidToken(reasonOf(error), { cause: error });
  }
}

/** The reply names it in a header, which takes no line break and nothing beyond ASCII. */
const shown = (alg: unknown): string =>
  typeof alg === "string" && /^[\w-]{1,32}$/.test(alg) ? alg : "unknown";

function checkClaims(payload: JWTPayload, { issuer, audience }: JwtAuthorizer, nowSeconds: number): void {
  if (payload.iss !== issuer) throw new InvalidToken("the token does not have a valid issuer");
  const named = payload.aud ?? payload.client_id;
  const names = Array.isArray(named) ? named : [named];
  if (!names.some((name) => audience.includes(String(name)))) {
    throw new InvalidToken("the token does not have a valid audience");
  }
  if (payload.exp === undefined) throw new InvalidToken("the token does not have an expiration time");
  if (payload.iat !== undefined && payload.iat > nowSeconds)
    throw new InvalidToken("token used before issued");
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "crypto/rsa: verification error";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") {
    return "the token is not valid yet";
  }
  return "the token is malformed";
}

/** `scope` is a string of words, `scp` a string or a list. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return given.map(String);
  return typeof given === "string" ? given.split(" ") : [];
}

function missingScope({ scopes }: Route): HttpResponse {
  const wanted = `Bearer scope="${scopes.join(" ")}" error="insufficient_scope"`;
  return gatewayReply(403, { "www-authenticate": wanted });
}

/** Functions get every claim as a string; a list becomes `[a b]`. */
function asStrings(claims: JWTPayload): Record<string, string> {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, text(value)]));
}
