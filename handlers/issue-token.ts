/** Prepares the callees' participants while phones ring: ids and expiry, never the tokens. */
import * as z from "zod/mini";
import { callIdSchema } from "../calls/ids.ts";
import { prepareTokens } from "../calls/participant-tokens.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./store/call-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { type CallChanging, changeKnownCall } from "./call/change-call.ts";
import { readEnvironment } from "./edge/environment.ts";
import { defineHandler, edge, logger } from "./edge/handler.ts";

const input = z.object({ callId: callIdSchema });

export async function issueToken(
  tools: CallChanging,
  { callId }: z.infer<typeof input>,
  nowMs: number,
): Promise<WorkflowView> {
  logger.appendKeys({ callId });
  const decision = await changeKnownCall(tools, callId, prepareTokens, nowMs);
  logger.info(decision.kind);
  return workflowView(decision.call);
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "BUS_NAME");
const tools: CallChanging = { calls: callStore(env), publisher: eventBus(env) };

export const handler = defineHandler(input, (call) => issueToken(tools, call, edge.now()));
