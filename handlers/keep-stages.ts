/** Keeps the pool of stages, every minute and when a request finds few free ones. */
import * as z from "zod/mini";
import { callStore } from "./store/call-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { doubts } from "./media/hint-queues.ts";
import { ivsStages } from "./media/ivs/ivs-stages.ts";
import { keeperRow } from "./media/ivs/pool/keeper-row.ts";
import { removerWatch } from "./store/removal-store.ts";
import { stageStore } from "./media/ivs/pool/stage-store.ts";
import { readEnvironment } from "./edge/environment.ts";
import { readIvsEnvironment } from "./media/ivs/environment.ts";
import { count, defineHandler, edge, gauge, logger } from "./edge/handler.ts";
import type { KeepStages } from "./media/ivs/pool/run.ts";
import { poolIsLow } from "./media/ivs/pool/pool-is-low.ts";
import { keepStages } from "./media/ivs/pool/keep-stages.ts";

const env = {
  ...readEnvironment("AWS_REGION", "CALLS_TABLE", "DOUBTS_QUEUE_URL", "STACK_NAME", "BUS_NAME"),
  ...readIvsEnvironment("STAGES_TABLE", "MIN_STAGES", "MAX_STAGES"),
};
const tools: KeepStages = {
  stages: stageStore(env),
  ivs: ivsStages(env),
  calls: callStore(env),
  doubts: doubts(env),
  row: keeperRow(env),
  remover: removerWatch(env),
  edge,
  minStages: env.MIN_STAGES,
  maxStages: env.MAX_STAGES,
};

const bus = eventBus(env);

/** By its schedule, and by the event that the pool is low: its own too, so that it never pauses while stages are short. */
export const handler = defineHandler(z.unknown(), async () => {
  const kept = await keepStages(tools);
  if (!kept) return logger.info("another run keeps the pool");
  const { done, free, demand, unreadable, unfinished, failures } = kept;
  logger.info("kept", { ...done, free, demand });
  gauge("FreeStages", free);
  gauge("StageDemand", Math.ceil(demand * 60));
  gauge("StageQuotaFull", done["quota full"] ?? 0);
  gauge("UnreadableStages", unreadable);
  for (const [what, amount] of Object.entries(done)) count(`Stages_${what.replaceAll(" ", "_")}`, amount);
  if (unfinished) await bus.publish([poolIsLow(edge.now())]);
  if (failures.length > 0) throw failures[0];
});
