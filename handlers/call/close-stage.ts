/**
 * Cleans up a call: as the workflow's last task, which publishes CallEnded, and by rule when an execution failed, timed out or
 * was stopped. In the second case it first ends the call, and tells its legs as well.
 */
import * as z from "zod/mini";
import { callIdOfExecution, callIdSchema } from "../../calls/ids.ts";
import { endBy } from "../../calls/ending.ts";
import { type WorkflowView, workflowView } from "../../calls/snapshot.ts";
import { changeCall } from "./change-call.ts";
import { type CallClosing, closeAndAnnounce, closeEndedCall } from "./close-call.ts";
import { logger } from "../edge/handler.ts";

export const closeStageInput = z.union([
  z.object({ callId: callIdSchema }),
  /** Step Functions Execution Status Change. */
  z.pipe(
    z.object({ source: z.literal("aws.states"), detail: z.object({ name: z.string(), status: z.string() }) }),
    z.transform(({ detail }) => ({ callId: callIdOfExecution(detail.name), executionStatus: detail.status })),
  ),
]);

export async function closeStage(
  tools: CallClosing,
  request: z.output<typeof closeStageInput>,
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
