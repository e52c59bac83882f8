/**
 * Turns events into the life of an execution: starts it, or wakes it if the call has moved past what it waits for (W4).
 * Duplicated, late and reordered events find nothing to do.
 */
import * as z from "zod/mini";
import { callIdSchema, clientIdSchema } from "../calls/ids.ts";
import { CallInitiated } from "../events/call-progress.ts";
import { callStore } from "./store/call-store.ts";
import { callWorkflow } from "./edge/call-workflow.ts";
import type { CallStore } from "./call/change-call.ts";
import { readEnvironment } from "./edge/environment.ts";
import { defineHandler, edge, logger } from "./edge/handler.ts";
import { wakeCall, type Workflow } from "./call/wake-call.ts";

export interface DriveCall {
  readonly calls: Pick<CallStore, "read">;
  readonly workflow: Workflow;
}

const wakingEvent = z.object({
  "detail-type": z.string(),
  detail: z.object({ callId: callIdSchema, calleeId: clientIdSchema, causedBy: z.optional(z.string()) }),
});

export async function driveCall(
  { calls, workflow }: DriveCall,
  event: z.infer<typeof wakingEvent>,
): Promise<string> {
  const { callId, calleeId, causedBy } = event.detail;
  logger.appendKeys({ callId, event: event["detail-type"], causedBy });
  if (event["detail-type"] === CallInitiated.name) return workflow.start({ callId, calleeId }, callId);
  return wakeCall(workflow, await calls.read(callId));
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "CALL_WORKFLOW_ARN");
const tools: DriveCall = { calls: callStore(env), workflow: callWorkflow(env, edge.now) };

export const handler = defineHandler(wakingEvent, async (event) => {
  logger.info(await driveCall(tools, event));
});
