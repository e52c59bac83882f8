/** Prepares the callee's place on the stage while the phone rings: its participant id and expiry, never the token. */
import * as z from "zod";
import { callIdSchema } from "../calls/ids.ts";
import { prepareToken } from "../calls/rules.ts";
import { type WorkflowView, workflowView } from "../calls/snapshot.ts";
import { callStore } from "./adapters/call-store.ts";
import { eventBus } from "./adapters/event-bus.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";
import { readEnvironment } from "./environment.ts";
import { defineHandler, edge, logger } from "./handler.ts";

const CALLEE_LEG = 2;
const input = z.object({ callId: callIdSchema });

export async function issueToken(
  tools: CallChanging,
  { callId }: z.infer<typeof input>,
  nowMs: number,
): Promise<WorkflowView> {
  logger.appendKeys({ callId });
  const decision = await changeKnownCall(tools, callId, prepareToken(CALLEE_LEG), nowMs);
  logger.info(decision.kind, { leg: CALLEE_LEG });
  return workflowView(decision.call);
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "BUS_NAME");
const tools: CallChanging = { calls: callStore(env), publisher: eventBus(env) };

export const handler = defineHandler(input, (call) => issueToken(tools, call, edge.now()));
