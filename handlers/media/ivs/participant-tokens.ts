/** Participant tokens, one interface over two ways: signed here with the imported key, or asked of the IVS API. */
import { sign } from "node:crypto";
import { Secret } from "../../../calls/secret.ts";
import type { ParticipantTokens } from "../port.ts";
import type { IvsEnvironment } from "./environment.ts";
import { type ParticipantTokenClaims, participantTokenClaims } from "./participant-token.ts";
import { type SigningKey, signingKeys } from "./signing-key.ts";

export function participantTokens(
  env: IvsEnvironment<"AWS_REGION" | "SIGNING_KEY_SECRET_ARN">,
  now: () => number,
): ParticipantTokens {
  const currentKey = signingKeys({ region: env.AWS_REGION, now }, env.SIGNING_KEY_SECRET_ARN);
  let ivs: ReturnType<typeof tokensOfIvs> | undefined;
  return {
    async ready() {
      await currentKey();
    },
    async sign(participant, nowMs) {
      const claims = participantTokenClaims(participant, nowMs);
      const key = await currentKey();
      if (key) return { token: signed(claims, key) };
      // Loaded when needed: a stack that signs its tokens never is without a key.
      ivs ??= tokensOfIvs(env);
      return (await ivs)(claims);
    },
  };
}

const tokensOfIvs = async (env: IvsEnvironment<"AWS_REGION">) =>
  (await import("./created-token.ts")).createdTokens(env);

/** JWS in compact form. Node signs in the form that JOSE wants; a library for this would be 12 kB that each call waits for. */
function signed(claims: ParticipantTokenClaims, { kid, key }: SigningKey): Secret {
  const text = `${encoded({ alg: "ES384", typ: "JWT", kid })}.${encoded(claims)}`;
  const signature = sign("sha384", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return new Secret(`${text}.${signature.toString("base64url")}`);
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
