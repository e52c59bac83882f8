/**
 * Participant tokens: what lets one leg join the call's room. The identity is the participant's id, another for each token, so a
 * removal that comes late does not meet a phone that has come back with the next one.
 */
import type { Participant } from "../../../calls/participant.ts";
import { ROOM_CONFIGURATION, roomName } from "./room.ts";
import type { TokenClaims } from "./signed-token.ts";

export function participantTokenClaims(participant: Participant, serverUrl: string): TokenClaims {
  const { id, callId, leg, clientId, media, room } = participant;
  return {
    sub: id,
    video: {
      room: roomName(room),
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      // Phones have nothing to say to each other beside sound and picture; the server's events would carry what they did.
      canPublishData: false,
      canUpdateOwnMetadata: false,
    },
    // Seen by every participant: an app publishes only while all it sees carry its own `callId`.
    attributes: { callId, leg: String(leg), media, clientId },
    roomConfig: ROOM_CONFIGURATION,
    // For phones, which are told no address otherwise.
    server_url: serverUrl,
  };
}
