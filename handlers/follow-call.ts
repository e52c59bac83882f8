/** Reads the call for the workflow: applies a passed deadline (W6), publishes events that may be missing (W7), returns a view. */
import * as z from "zod/mini";
import { callIdSchema } from "../calls/ids.ts";
import { endBy, passTime } from "../calls/ending.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./store/call-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { type CallChanging, changeOrAnnounce } from "./call/change-call.ts";
import { readEnvironment } from "./edge/environment.ts";
import { defineHandler, edge, logger } from "./edge/handler.ts";

const input = z.object({
  callId: callIdSchema,
  /** The turn that the workflow has followed. Absent in executions of the previous release, which publish it themselves. */
  turn: z.optional(z.int().check(z.nonnegative())),
  /** The workflow cannot go on: the call ends. */
  failed: z._default(z.boolean(), false),
});

export async function followCall(
  tools: CallChanging,
  { callId, turn, failed }: z.infer<typeof input>,
  nowMs: number,
): Promise<WorkflowView> {
  logger.appendKeys({ callId });
  const decision = await changeOrAnnounce(
    tools,
    { callId, turn },
    failed ? endBy("failed") : passTime,
    nowMs,
  );
  logger.info(decision.kind, { status: decision.call.status, endReason: decision.call.endReason });
  return workflowView(decision.call);
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "BUS_NAME");
const tools: CallChanging = { calls: callStore(env), publisher: eventBus(env) };

export const handler = defineHandler(input, (call) => followCall(tools, call, edge.now()));
