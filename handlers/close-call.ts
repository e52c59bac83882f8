/** Frees what an ended call held, its slots and its stage, which then rests; and writes its history. Safe to run twice. */
import { type Call, legNumbers, legOf } from "../calls/call.ts";
import type { CallId } from "../calls/ids.ts";
import { historyRows } from "../calls/history.ts";
import { CALL_RETENTION_DAYS } from "../calls/limits.ts";
import { announced, closeCall, closeUnannounced, type Decision, tokensUntilMs } from "../calls/rules.ts";
import { announce } from "../calls/snapshot.ts";
import { rested } from "../calls/stage-pool.ts";
import type { CallHistory } from "./adapters/call-store.ts";
import type { ClientStore } from "./adapters/client-store.ts";
import type { StageStore } from "./adapters/stage-store.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";

export interface CallClosing extends CallChanging {
  readonly calls: CallChanging["calls"] & Pick<CallHistory, "remember">;
  readonly clients: Pick<ClientStore, "freeSlot">;
  readonly stages: Pick<StageStore, "read" | "replace">;
}

/** The call must have ended. What it held is given back first, so a crash in between is repaired by a repeat. */
export async function closeEndedCall(tools: CallClosing, call: Call, nowMs: number): Promise<Decision> {
  await giveBack(tools, call, nowMs);
  return changeKnownCall(tools, call.callId, closeCall(CALL_RETENTION_DAYS), nowMs);
}

/** In the place of a workflow that cannot: also publishes CallEnded, and the sweep has the call until that is done. */
export async function closeAndAnnounce(tools: CallClosing, call: Call, nowMs: number): Promise<Decision> {
  await giveBack(tools, call, nowMs);
  const { callId } = call;
  const closed = await changeKnownCall(tools, callId, closeUnannounced(CALL_RETENTION_DAYS), nowMs);
  await tools.publisher.publish(announce("CallEnded", closed.call));
  return changeKnownCall(tools, callId, announced, nowMs);
}

async function giveBack(tools: CallClosing, call: Call, nowMs: number): Promise<void> {
  const clients = legNumbers(call).map((leg) => legOf(call, leg).clientId);
  await Promise.all([
    ...clients.map((clientId) => tools.clients.freeSlot(clientId, call.callId)),
    restStage(tools, call, nowMs),
    tools.calls.remember(historyRows(call, nowMs)),
  ]);
}

/** A stage that is no longer this call's is left alone. */
async function restStage({ stages }: CallClosing, call: Call, nowMs: number): Promise<void> {
  const stage = call.stage && (await stages.read(call.stage.stageId));
  if (!stage || !isLeasedTo(stage, call.callId)) return;
  await stages.replace(stage, rested(stage, tokensUntilMs(call), nowMs));
}

const isLeasedTo = (stage: { status: string; callId?: string | undefined }, callId: CallId): boolean =>
  stage.status === "leased" && stage.callId === callId;
