/** Checks a room: who is connected now. */
import * as z from "zod/mini";
import type { RoomChecks } from "../port.ts";
import { CHECK_PACE_MS } from "./quotas.ts";
import { roomName } from "./room.ts";
import type { RoomService } from "./room-service.ts";

const listed = z.object({
  participants: z.array(z.object({ identity: z.string(), state: z.string() })),
});

export const roomChecks = (service: RoomService): RoomChecks => ({
  paceMs: CHECK_PACE_MS,
  /** Also those who are still connecting. A room that is gone has none. */
  async connected(asked) {
    const room = roomName(asked);
    const grant = { roomAdmin: true, room };
    const reply = await service.request({ method: "ListParticipants", grant, body: { room } });
    if (reply === "throttled") return reply;
    if (reply === "not found") return [];
    const { participants } = listed.parse(reply.body);
    return participants
      .filter(({ state }) => state !== "DISCONNECTED")
      .map(({ identity }) => ({ participantId: identity }));
  },
});
