/** Participant tokens, one interface over two ways: signed here with the imported key, or asked of the IVS API. */
import { CreateParticipantTokenCommand, IVSRealTimeClient } from "@aws-sdk/client-ivs-realtime";
import { SignJWT } from "jose";
import type { Call } from "../../calls/call.ts";
import { type ParticipantTokenClaims, participantTokenClaims } from "../../calls/participant-token.ts";
import { Secret } from "../../calls/secret.ts";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";
import { type SigningKey, signingKeys } from "./signing-key.ts";

export interface ParticipantTokens {
  /** Loads what signing needs, so that it can be done beside other work. */
  ready(nowMs: number): Promise<void>;
  /** The latest token prepared for a leg. Signed twice, it has the same participant id and expiry. */
  sign(call: Call, leg: number, nowMs: number): Promise<Secret>;
}

export function participantTokens(
  env: Environment<"AWS_REGION" | "SIGNING_KEY_SECRET_ARN">,
): ParticipantTokens {
  const keyAt = signingKeys(env);
  const ivs = new IVSRealTimeClient(clientOptions(env.AWS_REGION));
  return {
    async ready(nowMs) {
      await keyAt(nowMs);
    },
    async sign(call, leg, nowMs) {
      const claims = participantTokenClaims(call, leg, nowMs);
      const key = await keyAt(nowMs);
      return key ? signed(claims, key) : created(ivs, claims);
    },
  };
}

async function signed(claims: ParticipantTokenClaims, { kid, key }: SigningKey): Promise<Secret> {
  return new Secret(
    await new SignJWT({ ...claims }).setProtectedHeader({ alg: "ES384", typ: "JWT", kid }).sign(key),
  );
}

/** 50 a second for the account, and IVS chooses the participant's id: its events then cannot be matched to the leg. */
async function created(ivs: IVSRealTimeClient, claims: ParticipantTokenClaims): Promise<Secret> {
  const { participantToken } = await ivs.send(
    new CreateParticipantTokenCommand({
      stageArn: claims.resource,
      userId: claims.user_id,
      attributes: claims.attributes,
      capabilities: ["PUBLISH", "SUBSCRIBE"],
      duration: Math.max(1, Math.ceil((claims.exp - claims.iat) / 60)),
    }),
  );
  if (!participantToken?.token) throw new Error(`IVS returned no token for ${claims.jti}`);
  return new Secret(participantToken.token);
}
