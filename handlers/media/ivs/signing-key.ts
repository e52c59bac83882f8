/** The private key that participant tokens are signed with: `{kid, pem}` in Secrets Manager. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import * as z from "zod/mini";
import { cachedSecret, parseSecret, type SecretSource } from "../../edge/cached-secret.ts";

export const signingKeySchema = z.object({
  /** ARN of the public key as imported into IVS. */
  kid: z.string().check(z.startsWith("arn:")),
  /** P-384 private key, PKCS 8. */
  pem: z.string().check(z.startsWith("-----BEGIN")),
});

export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** Undefined until a key is made: tokens then come from the IVS API. A secret with any other content is an error. */
export function signingKeys(source: SecretSource, secretId: string): () => Promise<SigningKey | undefined> {
  return cachedSecret(source, secretId, (text) => {
    if (text === undefined) return undefined;
    const described = { secretId, page: "docs/operations.md" };
    const { kid, pem } = parseSecret(described, signingKeySchema, text);
    return { kid, key: privateKeyIn(secretId, pem) };
  });
}

function privateKeyIn(secretId: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === "secp384r1") return key;
  } catch {
    // Reported below: the parser's own error may quote the key.
  }
  throw new Error(`secret ${secretId}: pem must be a P-384 private key`);
}
