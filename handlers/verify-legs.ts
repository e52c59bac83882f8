/** Checks the rooms of calls whose legs may be gone. */
import { hintSchema } from "../calls/presence.ts";
import { callStore } from "./store/call-store.ts";
import { doubts, wakes } from "./media/hint-queues.ts";
import { eventBus } from "./edge/event-bus.ts";
import { presenceStore } from "./store/presence-store.ts";
import { removalStore } from "./store/removal-store.ts";
import { keptForRemoval, roomChecks } from "./media/provider.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { type BatchReply, batchReply, messageBatch, readBatch } from "./edge/message-batch.ts";
import { type VerifyLegs, verifyLegs } from "./media/verify-legs.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "BUS_NAME",
  "DOUBTS_QUEUE_URL",
  "REMOVALS_QUEUE_URL",
);
const tools: VerifyLegs = {
  calls: callStore(env),
  publisher: eventBus(env),
  presence: presenceStore(env),
  removals: removalStore(env, keptForRemoval),
  wakes: wakes(env),
  checks: roomChecks(),
  doubts: doubts(env),
  edge,
};

export const handler = defineHandler(messageBatch, async (batch): Promise<BatchReply> => {
  const { messages, unreadable } = readBatch(batch, hintSchema);
  const { failed, outcomes } = await verifyLegs(tools, messages);
  logger.info("verified", outcomes);
  if (outcomes["dropped"]) count("DroppedCalls", outcomes["dropped"]);
  return batchReply([...unreadable, ...failed]);
});
