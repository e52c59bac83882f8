/** Every event there is. A name that is not here does not exist; a name is written nowhere else. */
import {
  CallAnswered,
  CallCancelled,
  CallDeclined,
  CallEnded,
  CallInitiated,
  CallRinging,
} from "./call-progress.ts";
import { ClientRegistered, ClientUpdated } from "./clients.ts";
import { ClientsDeleted } from "./clients-deleted.ts";
import { LegEnded, LegInvited, LegJoined, LegMoved, LegUpdated, ParticipantTokenIssued } from "./legs.ts";
import { PushSent } from "./push-sent.ts";
import { StagePoolLow } from "./stage-pool-low.ts";

export const catalogue = {
  CallInitiated,
  PushSent,
  ParticipantTokenIssued,
  CallRinging,
  CallAnswered,
  CallDeclined,
  CallCancelled,
  LegInvited,
  LegJoined,
  LegMoved,
  LegEnded,
  CallEnded,
  LegUpdated,
  ClientRegistered,
  ClientUpdated,
  ClientsDeleted,
  StagePoolLow,
} as const;

export type EventName = keyof typeof catalogue;

/** The events that may end a wait of the workflow or start it: `drive-call` listens to these. */
export const WAKING_EVENTS = [
  CallInitiated.name,
  CallAnswered.name,
  CallDeclined.name,
  CallCancelled.name,
  LegInvited.name,
  LegJoined.name,
  LegEnded.name,
] as const;
