/**
 * Removes participants. It disconnects them; their tokens stay good, also the ones that the server renewed, unless it knows
 * revocation, which each request asks for. So a removal stays open to a return (`returnableMs`), and a room that is closed is made
 * again by a phone that joins.
 */
import type { RuntimeInputs } from "../../edge/handler.ts";
import type { RoomRemovals } from "../port.ts";
import { RENEWED_TOKEN_MS, REMOVAL_PACE_MS } from "./quotas.ts";
import { roomName } from "./room.ts";
import type { RoomService } from "./room-service.ts";

export const roomRemovals = (
  service: RoomService,
  edge: Pick<RuntimeInputs, "now" | "random">,
): RoomRemovals => ({
  paceMs: REMOVAL_PACE_MS,
  returnableMs: RENEWED_TOKEN_MS,
  async disconnect(from, identity) {
    const room = roomName(from);
    const reply = await service.request({
      method: "RemoveParticipant",
      grant: { roomAdmin: true, room },
      // A server that does not know the last member ignores it.
      body: { room, identity, revokeTokenTs: String(Math.floor(edge.now() / 1000)) },
    });
    if (reply === "throttled") return reply;
    return reply === "not found" ? "not joined" : "disconnected";
  },
  /** Joining makes it, so it costs nothing and needs no giving back. */
  takeAnother: async (callId) => ({
    room: { stageId: `${callId}-${Buffer.from(edge.random(6)).toString("hex")}` },
    giveBack: async () => undefined,
  }),
  /** A room serves one call. One that is gone already is fine. */
  async end(asked) {
    const room = roomName(asked);
    const reply = await service.request({
      method: "DeleteRoom",
      grant: { roomCreate: true },
      body: { room },
    });
    return reply === "throttled" ? reply : "ended";
  },
});
