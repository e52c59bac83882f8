/** Screens what the media provider and the bus say of participants. */
import { blinks, doubts, wakes } from "./media/hint-queues.ts";
import { keptForRemoval, participantEvents } from "./media/provider.ts";
import { presenceStore } from "./store/presence-store.ts";
import { removalStore } from "./store/removal-store.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { type BatchReply, batchReply, messageBatch, readBatch } from "./edge/message-batch.ts";
import { CLOCKS_DIFFER_MS, heardSchema, type ScreenHints, screenHints } from "./media/screen-hints.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "DOUBTS_QUEUE_URL",
  "BLINKS_QUEUE_URL",
  "REMOVALS_QUEUE_URL",
  "REMOVAL_GRACE_SECONDS",
);
const tools: ScreenHints = {
  presence: presenceStore(env),
  removals: removalStore(env, keptForRemoval),
  blinks: blinks(env),
  doubts: doubts(env),
  wakes: wakes(env),
  edge,
  graceMs: env.REMOVAL_GRACE_SECONDS * 1000 - CLOCKS_DIFFER_MS,
};

const heard = heardSchema(participantEvents);

export const handler = defineHandler(messageBatch, async (batch): Promise<BatchReply> => {
  const { messages, unreadable } = readBatch(batch, heard);
  const { failed, outcomes } = await screenHints(tools, messages);
  logger.info("screened", outcomes);
  if (outcomes["doubtful"]) count("DoubtfulHints", outcomes["doubtful"]);
  return batchReply([...unreadable, ...failed]);
});
