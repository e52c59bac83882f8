/** Access tokens that must open nothing, each made from a good one and wrong in one way. */
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type CryptoKey, decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from "jose";
import { poolKey } from "../../packages/local-aws/src/cognito/tokens.ts";
import type { World } from "../world.ts";

export const TOKEN_FAULTS = [
  "no token",
  "no JWT",
  "expired",
  "not valid yet",
  "alg none",
  "signed with the public key as a secret",
  "wrong key",
  "key of the forger in the header",
  "other issuer",
  "other app",
  "claims changed",
  "ID token",
] as const;
export type TokenFault = (typeof TOKEN_FAULTS)[number];

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** By fault. Undefined stands for no token. All but the forger's own are signed with the pool's real key. */
export async function badTokens(
  world: World,
  good: string,
): Promise<Readonly<Record<TokenFault, string | undefined>>> {
  const [claims, header] = [decodeJwt(good), decodeProtectedHeader(good)];
  const key = await poolKey(String(world.runtime.outputs["UserPoolId"]));
  const forger = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const nowSeconds = Math.floor(world.clock.now() / 1000);
  const { kid = "" } = header;
  const signed = (changed: JWTPayload, as: CryptoKey | KeyObject = key.private, more = {}): Promise<string> =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: "RS256", kid, ...more }).sign(as);
  const { scope: _, client_id: aud, ...shared } = claims as JWTPayload & { client_id: string };
  const idClaims = { ...shared, aud, token_use: "id" };
  const [, , signature = ""] = good.split(".");
  const byHmac = `${part({ ...header, alg: "HS256" })}.${part(claims)}`;
  const secret = JSON.stringify(key.public);
  return world.clock.hold(async () => ({
    "no token": undefined,
    "no JWT": "meow",
    expired: await signed({ exp: nowSeconds - 1 }),
    "not valid yet": await signed({ nbf: nowSeconds + 3_600 }),
    "alg none": `${part({ ...header, alg: "none" })}.${part(claims)}.`,
    "signed with the public key as a secret": `${byHmac}.${createHmac("sha256", secret).update(byHmac).digest("base64url")}`,
    "wrong key": await signed({}, forger.privateKey),
    "key of the forger in the header": await signed({}, forger.privateKey, {
      jwk: forger.publicKey.export({ format: "jwk" }),
    }),
    "other issuer": await signed({ iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Elsewhere" }),
    "other app": await signed({ client_id: "some-other-app" }),
    "claims changed": `${part(header)}.${part({ ...claims, sub: "somebody-else" })}.${signature}`,
    "ID token": await new SignJWT(idClaims).setProtectedHeader({ alg: "RS256", kid }).sign(key.private),
  }));
}
