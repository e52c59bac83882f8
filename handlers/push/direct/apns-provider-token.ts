/** The provider token that identifies the team to APNs: a JWT signed with the team's key. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import * as z from "zod/mini";

/** Apple takes a token for an hour, and refuses a new one within 20 minutes. */
const RENEW_MS = 40 * 60_000;

export const apnsKeySchema = z.object({
  /** The app's own, without `.voip`. */
  bundleId: z.string().check(z.minLength(1)),
  teamId: z.string().check(z.minLength(1)),
  keyId: z.string().check(z.minLength(1)),
  /** The `.p8` file: a P-256 private key. */
  key: z.string().check(z.startsWith("-----BEGIN")),
});
export type ApnsKey = z.output<typeof apnsKeySchema>;

export interface ProviderTokens {
  get(): Promise<string>;
  /** APNs reports this token as expired: the next one is new. */
  drop(token: string): void;
}

export function providerTokens(secret: string, apnsKey: ApnsKey, now: () => number): ProviderTokens {
  const key = privateKeyIn(secret, apnsKey);
  /** `text` is set once the token is signed: a token that is still being signed cannot be the refused one. */
  let current: { readonly token: Promise<string>; readonly untilMs: number; text?: string } | undefined;
  return {
    async get() {
      const nowMs = now();
      if (!current || nowMs >= current.untilMs) {
        current = { token: signed(apnsKey, key, nowMs), untilMs: nowMs + RENEW_MS };
      }
      const made = current;
      made.text = await made.token;
      return made.text;
    },
    drop(token) {
      if (token === current?.text) current = undefined;
    },
  };
}

function signed({ teamId, keyId }: ApnsKey, key: KeyObject, nowMs: number): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "ES256", kid: keyId })
    .setIssuer(teamId)
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .sign(key);
}

function privateKeyIn(secret: string, { key }: ApnsKey): KeyObject {
  try {
    const parsed = createPrivateKey(key);
    if (parsed.asymmetricKeyDetails?.namedCurve === "prime256v1") return parsed;
  } catch {
    // Reported below: the parser's own error may quote the key.
  }
  throw new Error(`secret ${secret}: key must be the P-256 private key of Apple's .p8 file`);
}
