/** Looks at the call for the workflow: writes what a deadline demands, then says how the call stands (W6). */
import * as z from "zod";
import { callIdSchema } from "../calls/ids.ts";
import { endBy, passTime } from "../calls/rules.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./adapters/call-store.ts";
import { eventBus } from "./adapters/event-bus.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";
import { readEnvironment } from "./environment.ts";
import { defineHandler, edge, logger } from "./handler.ts";

const input = z.object({
  callId: callIdSchema,
  /** The workflow cannot go on: the call ends. */
  failed: z.boolean().default(false),
});

export async function followCall(
  tools: CallChanging,
  { callId, failed }: z.infer<typeof input>,
  nowMs: number,
): Promise<WorkflowView> {
  logger.appendKeys({ callId });
  const decision = await changeKnownCall(tools, callId, failed ? endBy("failed") : passTime, nowMs);
  logger.info(decision.kind, { status: decision.call.status, endReason: decision.call.endReason });
  return workflowView(decision.call);
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "BUS_NAME");
const tools: CallChanging = { calls: callStore(env), publisher: eventBus(env) };

export const handler = defineHandler(input, (call) => followCall(tools, call, edge.now()));
