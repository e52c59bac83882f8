/** Rooms for calls that are about to begin: there is always one, the call's own, and nothing has to be claimed (M1). */
import type { RoomOffer, RoomOffers } from "../port.ts";

const offer: RoomOffer = {
  next: async () => ({ kind: "room", roomOf: (callId) => ({ stageId: callId }), claim: () => [] }),
  giveBack: () => undefined,
  announcements: () => [],
};

export const roomOffers: RoomOffers = { offer: async () => offer };
