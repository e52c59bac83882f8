/**
 * Clean-up of a call: as the workflow's last task, which publishes CallEnded, and by rule when an execution failed, timed out or
 * was stopped. Then the call ends first, and its legs are told as well.
 */
import * as z from "zod/mini";
import { callIdOfExecution, callIdSchema } from "../calls/ids.ts";
import { endBy } from "../calls/rules.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./store/call-store.ts";
import { clientSlots } from "./store/client-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { endedCalls } from "./media/hint-queues.ts";
import { stageStore } from "./media/ivs/pool/stage-store.ts";
import { changeCall } from "./call/change-call.ts";
import { type CallClosing, closeAndAnnounce, closeEndedCall } from "./call/close-call.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";

const input = z.union([
  z.object({ callId: callIdSchema }),
  /** Step Functions Execution Status Change. */
  z.pipe(
    z.object({ source: z.literal("aws.states"), detail: z.object({ name: z.string(), status: z.string() }) }),
    z.transform(({ detail }) => ({ callId: callIdOfExecution(detail.name), executionStatus: detail.status })),
  ),
]);

export async function closeStage(
  tools: CallClosing,
  request: z.output<typeof input>,
  nowMs: number,
): Promise<WorkflowView | undefined> {
  const { callId } = request;
  const executionStatus = "executionStatus" in request ? request.executionStatus : undefined;
  logger.appendKeys({ callId, executionStatus });
  const ended = await changeCall(tools, callId, endBy("failed"), nowMs);
  if (!ended) return undefined;
  const close = executionStatus ? closeAndAnnounce : closeEndedCall;
  const { call } = await close(tools, ended.call, nowMs);
  logger.info("closed", { endReason: call.endReason });
  return workflowView(call);
}

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "STAGES_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
  "ENDINGS_QUEUE_URL",
  "REMOVAL_GRACE_SECONDS",
);
const tools: CallClosing = {
  calls: callStore(env),
  clients: clientSlots(env),
  stages: stageStore(env),
  publisher: eventBus(env),
  keepHistory: env.CALL_HISTORY === "keep",
  endedCalls: endedCalls(env),
  removalGraceSeconds: env.REMOVAL_GRACE_SECONDS,
};

export const handler = defineHandler(input, async (request) => {
  const view = await closeStage(tools, request, edge.now());
  if (view) count(`CallEnded_${view.snapshot.endReason}`);
  return view;
});
