/** Removes participants who have no part in a call any more from the media. */
import * as z from "zod/mini";
import { callStore } from "./store/call-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { doubts, wakes } from "./media/hint-queues.ts";
import { keptForRemoval, roomRemovals } from "./media/provider.ts";
import { presenceStore } from "./store/presence-store.ts";
import { removalStore, removerLease } from "./store/removal-store.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, gauge, logger } from "./edge/handler.ts";
import { type RemoveParticipants, removeParticipants } from "./media/remove-participants.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "BUS_NAME",
  "DOUBTS_QUEUE_URL",
  "REMOVALS_QUEUE_URL",
);
const tools: RemoveParticipants = {
  calls: callStore(env),
  publisher: eventBus(env),
  presence: presenceStore(env),
  removals: removalStore(env, keptForRemoval),
  lease: removerLease(env),
  rooms: roomRemovals(edge),
  doubts: doubts(env),
  wakes: wakes(env),
  edge,
};

/** Woken by its queue, and every minute by its schedule. */
export const handler = defineHandler(z.unknown(), async () => {
  const { outcomes, waitedMs } = await removeParticipants(tools);
  if (Object.keys(outcomes).length > 0) logger.info("worked off", outcomes);
  for (const [what, amount] of Object.entries(outcomes))
    count(`Removals_${what.replaceAll(" ", "_")}`, amount);
  if (waitedMs > 0) gauge("RemovalWaitSeconds", Math.ceil(waitedMs / 1000));
});
