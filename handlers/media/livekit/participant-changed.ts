/** The event by which the default bus carries what LiveKit's webhooks say of participants. */

export const WEBHOOK_SOURCE = "livekit";
export const PARTICIPANT_CHANGED = "LiveKit Participant Changed";

export const CHANGES = ["joined", "left"] as const;
export type Change = (typeof CHANGES)[number];
