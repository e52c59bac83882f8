/** Signs participant tokens with the current API key. No request is needed before a call begins: joining makes the room. */
import { Secret } from "../../../calls/secret.ts";
import type { ParticipantTokens } from "../port.ts";
import { apiKeys } from "./api-keys.ts";
import type { LiveKitAccess } from "./environment.ts";
import { participantTokenClaims } from "./participant-token.ts";
import { signedToken } from "./signed-token.ts";

export function participantTokens(env: LiveKitAccess, now: () => number): ParticipantTokens {
  const keys = apiKeys({ region: env.AWS_REGION, now }, env.LIVEKIT_SECRET);
  return {
    async ready() {
      await keys();
    },
    async sign(participant, nowMs) {
      const { current } = await keys();
      const { expiresAtMs } = participant;
      const claims = participantTokenClaims(participant, env.LIVEKIT_URL);
      return { token: new Secret(signedToken(current, claims, { nowMs, expiresAtMs })) };
    },
  };
}
