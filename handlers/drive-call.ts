/**
 * Turns events into the life of an execution: starts it, or wakes it if the call has moved past what it waits for (W4).
 * Duplicated, late and reordered events find nothing to do.
 */
import * as z from "zod";
import { callIdSchema, type CallId } from "../calls/ids.ts";
import { workflowView } from "../calls/snapshot.ts";
import { CallInitiated } from "../events/call-progress.ts";
import { callStore } from "./adapters/call-store.ts";
import { callWorkflow } from "./adapters/call-workflow.ts";
import type { CallStore } from "./change-call.ts";
import { readEnvironment } from "./environment.ts";
import { defineHandler, edge, logger } from "./handler.ts";

export interface Workflow {
  /** Starts the call's execution; `running` if one of that name does so already, `exists` if the name is spent. */
  start(callId: CallId, name: string): Promise<"started" | "running" | "exists">;
  /** Ends a wait; `gone` if that wait is over. */
  wake(taskToken: string, output: unknown): Promise<"woken" | "gone">;
}

export interface DriveCall {
  readonly calls: Pick<CallStore, "read">;
  readonly workflow: Workflow;
}

const wakingEvent = z.object({
  "detail-type": z.string(),
  detail: z.object({ callId: callIdSchema, causedBy: z.string().optional() }),
});

export async function driveCall(
  { calls, workflow }: DriveCall,
  event: z.infer<typeof wakingEvent>,
): Promise<string> {
  const { callId, causedBy } = event.detail;
  logger.appendKeys({ callId, event: event["detail-type"], causedBy });
  if (event["detail-type"] === CallInitiated.name) return workflow.start(callId, callId);
  const call = await calls.read(callId);
  if (call?.taskToken === undefined || call.waitTurn === undefined) return "not waiting";
  if (call.turn <= call.waitTurn) return "nothing new";
  return workflow.wake(call.taskToken, workflowView(call));
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "CALL_WORKFLOW_ARN");
const tools: DriveCall = { calls: callStore(env), workflow: callWorkflow(env, edge.now) };

export const handler = defineHandler(wakingEvent, async (event) => {
  logger.info(await driveCall(tools, event));
});
