/**
 * A participant token from the IVS API, for a stack without a key of its own: 50 a second for the account, and IVS chooses
 * the participant's id. The call keeps it, so that the participant can be removed; events of IVS are not matched by it.
 */
import { CreateParticipantTokenCommand, IVSRealTimeClient } from "@aws-sdk/client-ivs-realtime";
import { Secret } from "../../../calls/secret.ts";
import type { IvsEnvironment } from "./environment.ts";
import { clientOptions } from "../../edge/client-options.ts";
import type { GivenToken } from "../port.ts";
import type { ParticipantTokenClaims } from "./participant-token.ts";

export function createdTokens({
  AWS_REGION,
}: IvsEnvironment<"AWS_REGION">): (claims: ParticipantTokenClaims) => Promise<GivenToken> {
  const ivs = new IVSRealTimeClient(clientOptions(AWS_REGION));
  return (claims) => createdToken(ivs, claims);
}

async function createdToken(ivs: IVSRealTimeClient, claims: ParticipantTokenClaims): Promise<GivenToken> {
  const { participantToken } = await ivs.send(
    new CreateParticipantTokenCommand({
      stageArn: claims.resource,
      userId: claims.user_id,
      attributes: claims.attributes,
      capabilities: ["PUBLISH", "SUBSCRIBE"],
      duration: Math.max(1, Math.ceil((claims.exp - claims.iat) / 60)),
    }),
  );
  const { token, participantId } = participantToken ?? {};
  if (!token || !participantId) throw new Error(`IVS returned no token for ${claims.jti}`);
  return { token: new Secret(token), chosenId: participantId };
}
