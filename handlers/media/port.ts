/** What calls need of a media provider: so far, tokens with which a phone joins. */
import type { Call } from "../../calls/call.ts";
import type { Secret } from "../../calls/secret.ts";

export interface GivenToken {
  readonly token: Secret;
  /** The participant's id, where the provider has chosen it. */
  readonly chosenId?: string;
}

export interface ParticipantTokens {
  /** Loads what signing needs, so that it can be done beside other work. */
  ready(): Promise<void>;
  /** The latest token prepared for a leg. Signed twice, it has the same participant id and expiry. */
  sign(call: Call, leg: number, nowMs: number): Promise<GivenToken>;
}
