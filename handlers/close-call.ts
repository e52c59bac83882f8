/** Frees what an ended call held, its slots and its stage, which then rests; and writes its history. Safe to run twice. */
import { type Call, type Leg, legNumbers, legOf } from "../calls/call.ts";
import type { CallId, ClientId } from "../calls/ids.ts";
import { isEndedForEveryone } from "../calls/removals.ts";
import { historyRows } from "../calls/history.ts";
import { CALL_RETENTION_DAYS } from "../calls/limits.ts";
import { announced, closeCall, closeUnannounced, type Decision, tokensUntilMs } from "../calls/rules.ts";
import { announce } from "../calls/snapshot.ts";
import { rested } from "../calls/stage-pool.ts";
import type { CallHistory } from "./adapters/call-store.ts";
import type { EndedCalls } from "./adapters/hint-queues.ts";
import type { ClientStore } from "./adapters/client-store.ts";
import type { StageStore } from "./adapters/stage-store.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";

export interface CallClosing extends CallChanging {
  readonly calls: CallChanging["calls"] & Pick<CallHistory, "remember" | "forget">;
  readonly clients: Pick<ClientStore, "freeSlot">;
  readonly stages: Pick<StageStore, "read" | "replace">;
  /** Takes calls through whose stage somebody has to look once the grace has passed. */
  readonly endedCalls: EndedCalls;
  readonly removalGraceSeconds: number;
  /** Clients that were deleted keep their history until it expires. */
  readonly keepHistory: boolean;
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
  await Promise.all([restStage(tools, call, nowMs), freeLegs(tools, call, nowMs)]);
  await askWhoIsLeft(tools, call, nowMs);
}

/** Phones leave the stage when they hear that the call is over. Who has not by then is removed. */
async function askWhoIsLeft(tools: CallClosing, call: Call, nowMs: number): Promise<void> {
  if (!call.stage) return;
  const dueMs = (call.endedAtMs ?? nowMs) + tools.removalGraceSeconds * 1000;
  const delaySeconds = Math.max(0, Math.ceil((dueMs - nowMs) / 1000));
  await tools.endedCalls.pass(
    [{ kind: "ended", callId: call.callId }],
    isEndedForEveryone(call) ? 0 : delaySeconds,
  );
}

/**
 * History is written first and taken back from clients that turn out to be gone when their slots are freed. A deletion removes
 * the client first and its history last: whichever comes second sees what the other did, so no row outlives its client.
 */
async function freeLegs({ calls, clients, keepHistory }: CallClosing, call: Call, nowMs: number) {
  const rows = historyRows(call, nowMs);
  await calls.remember(rows);
  const gone = new Set<ClientId>();
  const free = async (leg: Leg): Promise<void> => {
    const freeing = await clients.freeSlot(leg.clientId, call.callId, seenAtMs(leg));
    if (freeing === "no client") gone.add(leg.clientId);
  };
  await Promise.all(legNumbers(call).map((leg) => free(legOf(call, leg))));
  if (!keepHistory) await calls.forget(rows.filter(({ clientId }) => gone.has(clientId)));
}

/** Who called or answered is in use; a phone that nobody took up is not. */
const seenAtMs = ({ joinedAtMs }: Leg): number | undefined => joinedAtMs;

/** A stage that is no longer this call's is left alone. */
async function restStage({ stages }: CallClosing, call: Call, nowMs: number): Promise<void> {
  const stage = call.stage && (await stages.read(call.stage.stageId));
  if (!stage || !isLeasedTo(stage, call.callId)) return;
  const answered = call.answeredAtMs !== undefined;
  await stages.replace(stage, rested(stage, tokensUntilMs(call), nowMs, answered));
}

const isLeasedTo = (stage: { status: string; callId?: string | undefined }, callId: CallId): boolean =>
  stage.status === "leased" && stage.callId === callId;
