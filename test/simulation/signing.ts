/**
 * Participant tokens without their signature: it costs a millisecond each, and IVS in memory checks everything else of a token.
 */
import crypto, { generateKeyPairSync } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });

export const signingKeySecret = JSON.stringify({
  kid: "arn:aws:ivs:us-east-1:000000000000:public-key/simulated",
  pem: privateKey.export({ type: "pkcs8", format: "pem" }),
});

const SIGNATURE = Buffer.from("not-signed");

/** The functions' imports of `sign` follow, until it is disposed. */
export function withoutSignatures(): Disposable {
  const original = crypto.sign;
  const replace = (sign: unknown): void => {
    Object.assign(crypto, { sign });
    syncBuiltinESMExports();
  };
  replace(() => SIGNATURE);
  return { [Symbol.dispose]: () => replace(original) };
}
