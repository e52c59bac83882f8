/**
 * Participant tokens: the claims of a JWT that lets one leg join the call's stage.
 * Header: `{alg: "ES384", typ: "JWT", kid: <ARN of the imported public key>}`. Source: IVS Real-Time user guide,
 * "Distribute participant tokens", key pair. Checked by IVS only when the participant joins.
 */
import { type Call, legOf } from "./call.ts";
import { participantId } from "./ids.ts";

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

/** The latest token prepared for a leg. Throws if none was prepared or the call has no stage. */
export function participantTokenClaims(call: Call, leg: number, nowMs: number): ParticipantTokenClaims {
  const { tokenCount, tokensUntilMs, clientId } = legOf(call, leg);
  if (!call.stage) throw new Error(`call ${call.callId} has no stage`);
  if (tokenCount === 0) throw new Error(`call ${call.callId} has no token prepared for leg ${leg}`);
  return {
    exp: Math.floor(tokensUntilMs / 1000),
    iat: Math.floor(nowMs / 1000),
    jti: participantId(call.callId, leg, tokenCount),
    user_id: clientId,
    resource: call.stage.arn,
    topic: call.stage.stageId,
    events_url: call.stage.endpoints.events,
    whip_url: call.stage.endpoints.whip,
    capabilities: { allow_publish: true, allow_subscribe: true },
    attributes: { callId: call.callId, leg: String(leg), media: call.media },
    version: "1.0",
  };
}
