/** Every minute: repairs calls that should have moved on and did not, because something crashed. */
import * as z from "zod/mini";
import { callStore } from "./store/call-store.ts";
import { callWorkflow } from "./edge/call-workflow.ts";
import { clientSlots } from "./store/client-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { endedCalls } from "./media/hint-queues.ts";
import { roomClosing } from "./media/provider.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { FAILED_REPAIRS, REPAIRS, type SweepCalls, sweepCalls } from "./call/sweep-calls.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
  "ENDINGS_QUEUE_URL",
  "REMOVAL_GRACE_SECONDS",
  "CALL_WORKFLOW_ARN",
);
const tools: SweepCalls = {
  calls: callStore(env),
  clients: clientSlots(env),
  rooms: roomClosing(),
  publisher: eventBus(env),
  keepHistory: env.CALL_HISTORY === "keep",
  endedCalls: endedCalls(env),
  removalGraceSeconds: env.REMOVAL_GRACE_SECONDS,
  workflow: callWorkflow(env, edge.now),
  edge,
};

export const handler = defineHandler(z.unknown(), async () => {
  const done = await sweepCalls(tools);
  logger.info("swept", done);
  const total = (outcomes: string[]) => outcomes.reduce((sum, outcome) => sum + (done[outcome] ?? 0), 0);
  count("Repairs", total(REPAIRS));
  count("FailedRepairs", total(FAILED_REPAIRS));
});
