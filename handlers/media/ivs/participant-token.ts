/**
 * Participant tokens: the claims of a JWT that lets one leg join the call's stage.
 * Header: `{alg: "ES384", typ: "JWT", kid: <ARN of the imported public key>}`. Source: IVS Real-Time user guide,
 * "Distribute participant tokens", key pair. Checked by IVS only when the participant joins.
 */
import type { Participant } from "../../../calls/participant.ts";
import { stageIn } from "./stage.ts";

export interface ParticipantTokenClaims {
  /** Seconds since 1970; at most 14 days after `iat`. */
  readonly exp: number;
  readonly iat: number;
  /** The participant's id: unique per token. */
  readonly jti: string;
  readonly user_id: string;
  /** ARN of the stage, and its id. */
  readonly resource: string;
  readonly topic: string;
  /** Endpoints of the stage, as IVS gave them. */
  readonly events_url: string;
  readonly whip_url: string;
  readonly capabilities: { readonly allow_publish: true; readonly allow_subscribe: true };
  /** Seen by every participant: an app publishes only while all it sees carry its own `callId`. */
  readonly attributes: { readonly callId: string; readonly leg: string; readonly media: string };
  readonly version: "1.0";
}

export function participantTokenClaims(participant: Participant, nowMs: number): ParticipantTokenClaims {
  const { id, callId, leg, clientId, media, expiresAtMs } = participant;
  const { arn, stageId, endpoints } = stageIn(participant.room);
  return {
    exp: Math.floor(expiresAtMs / 1000),
    iat: Math.floor(nowMs / 1000),
    jti: id,
    user_id: clientId,
    resource: arn,
    topic: stageId,
    events_url: endpoints.events,
    whip_url: endpoints.whip,
    capabilities: { allow_publish: true, allow_subscribe: true },
    attributes: { callId, leg: String(leg), media },
    version: "1.0",
  };
}
