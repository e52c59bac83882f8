/** A call of one's own client as GraphQL has it: an update of `onCallUpdated`, or a past one. */
import { CALL_STATUSES, END_REASONS, LEG_STATUSES, MEDIA_KINDS, ROLES } from "./contract.ts";
import { ifKnown, maybe, number, object, oneOf, text } from "./read.ts";

/** The fields to ask for. */
export const OWN_CALL_FIELDS = `callId version status endReason role legStatus legEndReason otherClientId media
  createdAtMs ringUntilMs answeredAtMs endedAtMs serverNowMs`;

export const readOwnCall = object({
  callId: text,
  version: number,
  status: oneOf(CALL_STATUSES),
  endReason: ifKnown(END_REASONS),
  role: oneOf(ROLES),
  legStatus: maybe(oneOf(LEG_STATUSES)),
  legEndReason: ifKnown(END_REASONS),
  otherClientId: text,
  media: oneOf(MEDIA_KINDS),
  createdAtMs: number,
  ringUntilMs: number,
  answeredAtMs: maybe(number),
  endedAtMs: maybe(number),
  serverNowMs: number,
});
export type OwnCall = ReturnType<typeof readOwnCall>;
