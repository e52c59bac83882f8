/** Cleans up a call: as the workflow's last task, and by rule when an execution failed, timed out or was stopped. */
import { callStore } from "./store/call-store.ts";
import { clientSlots } from "./store/client-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { endedCalls } from "./media/hint-queues.ts";
import { roomClosing } from "./media/provider.ts";
import type { CallClosing } from "./call/close-call.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge } from "./edge/handler.ts";
import { closeStage, closeStageInput } from "./call/close-stage.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
  "ENDINGS_QUEUE_URL",
  "REMOVAL_GRACE_SECONDS",
);
const tools: CallClosing = {
  calls: callStore(env),
  clients: clientSlots(env),
  rooms: roomClosing(),
  publisher: eventBus(env),
  keepHistory: env.CALL_HISTORY === "keep",
  endedCalls: endedCalls(env),
  removalGraceSeconds: env.REMOVAL_GRACE_SECONDS,
};

export const handler = defineHandler(closeStageInput, async (request) => {
  const view = await closeStage(tools, request, edge.now());
  const reason = view?.snapshot.endReason;
  if (reason) count(`CallEnded_${reason}`);
  return view;
});
