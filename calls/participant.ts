/** A participant as a media provider lets it in: whose it is, in which room, and until when its token opens that. */
import { type Call, legOf, type Media } from "./call.ts";
import { type CallId, type ClientId, participantId } from "./ids.ts";
import type { Room } from "./room.ts";

export interface Participant {
  /** Unique for each token. A provider that chooses ids itself says which one it chose. */
  readonly id: string;
  readonly callId: CallId;
  readonly leg: number;
  readonly clientId: ClientId;
  readonly media: Media;
  readonly room: Room;
  readonly expiresAtMs: number;
}

/** The one for which the leg's latest token was prepared. Throws if none was, or if the call has no room. */
export function participantOfLeg(call: Call, leg: number): Participant {
  const { callId, media, stage: room } = call;
  const { tokenCount, tokensUntilMs: expiresAtMs, clientId } = legOf(call, leg);
  if (!room) throw new Error(`call ${callId} has no stage`);
  if (tokenCount === 0) throw new Error(`call ${callId} has no token prepared for leg ${leg}`);
  return { id: participantId(callId, leg, tokenCount), callId, leg, clientId, media, room, expiresAtMs };
}
