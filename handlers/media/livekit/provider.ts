/** The parts of provider.ts where LiveKit is the media provider. */
import type { Room } from "../../../calls/room.ts";
import { edge, type RuntimeInputs } from "../../edge/handler.ts";
import type { ParticipantEvents, RoomChecks, RoomClosing, RoomRemovals } from "../port.ts";
import { apiKeys } from "./api-keys.ts";
import { readLiveKitAccess } from "./environment.ts";
import { namedRoom } from "./room.ts";
import { roomChecks as checksOfLiveKit } from "./room-checks.ts";
import { roomRemovals as removalsOfLiveKit } from "./room-removals.ts";
import { type RoomService, roomService } from "./room-service.ts";
import { participantEvents as eventsOfLiveKit } from "./webhook.ts";

export const participantEvents: ParticipantEvents = eventsOfLiveKit;

export const roomChecks = (): RoomChecks => checksOfLiveKit(service(edge));

export const roomRemovals = (given: Pick<RuntimeInputs, "now" | "random">): RoomRemovals =>
  removalsOfLiveKit(service(given), given);

/** A call holds nothing: its room closes when it is empty, and participants who stay are removed once their grace has passed. */
export const roomClosing = (): RoomClosing => ({ held: async () => undefined });

export const keptForRemoval: (room: Room) => Room = namedRoom;

function service({ now }: Pick<RuntimeInputs, "now">): RoomService {
  const { AWS_REGION: region, LIVEKIT_URL: url, LIVEKIT_SECRET: secretId } = readLiveKitAccess();
  return roomService({ url, keys: apiKeys({ region, now }, secretId), now });
}
