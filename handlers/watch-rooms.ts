/** Every minute, where LiveKit is the media provider: finds calls whose room is gone. */
import * as z from "zod/mini";
import { readEnvironment } from "./edge/environment.ts";
import { defineHandler, edge, logger } from "./edge/handler.ts";
import { doubts } from "./media/hint-queues.ts";
import { apiKeys } from "./media/livekit/api-keys.ts";
import { readLiveKitAccess } from "./media/livekit/environment.ts";
import { roomService } from "./media/livekit/room-service.ts";
import { type WatchRooms, watchRooms } from "./media/livekit/watch-rooms.ts";
import { callStore } from "./store/call-store.ts";

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "DOUBTS_QUEUE_URL");
const { AWS_REGION: region, LIVEKIT_URL: url, LIVEKIT_SECRET: secretId } = readLiveKitAccess();
const { now } = edge;
const tools: WatchRooms = {
  service: roomService({ url, keys: apiKeys({ region, now }, secretId), now }),
  calls: callStore(env),
  doubts: doubts(env),
  now,
};

export const handler = defineHandler(z.unknown(), async () => {
  const seen = await watchRooms(tools);
  logger.info("watched", typeof seen === "string" ? { outcome: seen } : seen);
});
