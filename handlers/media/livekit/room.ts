/** A room of LiveKit, as a call stores it: its name. Joining makes it; when the last participant is gone, the server closes it. */
import * as z from "zod/mini";
import { MAX_LEGS } from "../../../calls/limits.ts";
import { type Room, roomSchema } from "../../../calls/room.ts";

const namedRoomSchema = z.pick(roomSchema, { stageId: true });

/** All that requests need, and all that a removal stores. */
export const namedRoom = (room: Room): Room => namedRoomSchema.parse(room);

export const roomName = (room: Room): string => room.stageId;

/** Tokens carry it: the server makes the room by it. A phone that comes back may be there twice until the server misses it. */
export const ROOM_CONFIGURATION = {
  maxParticipants: 2 * MAX_LEGS,
  /** Seconds that the room outlasts its last participant. Phones that come back later make it again. */
  departureTimeout: 5,
} as const;
