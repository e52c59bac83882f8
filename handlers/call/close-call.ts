/** Gives back what an ended call held, its slots and its room; and writes its history. Safe to run twice. */
import { type Call, type Leg, legNumbers, legOf } from "../../calls/call.ts";
import type { ClientId } from "../../calls/ids.ts";
import { isEndedForEveryone } from "../../calls/removals.ts";
import { type HistoryRow, historyRows } from "../../calls/history.ts";
import { CALL_RETENTION_DAYS } from "../../calls/limits.ts";
import {
  endSweep,
  closeCall,
  closeBeforeAnnouncing,
  type Decision,
  tokensUntilMs,
} from "../../calls/rules.ts";
import { announce } from "../../calls/snapshot.ts";
import type { CallHistory } from "../store/call-store.ts";
import type { EndedCalls } from "../media/hint-queues.ts";
import type { HeldRoom, RoomClosing } from "../media/port.ts";
import type { ClientStore } from "../store/client-store.ts";
import { type CallChanging, changeKnownCall, publishDecision, writeChange } from "./change-call.ts";

export interface CallClosing extends CallChanging {
  readonly calls: CallChanging["calls"] & Pick<CallHistory, "remember" | "forget">;
  readonly clients: Pick<ClientStore, "freeSlot">;
  readonly rooms: RoomClosing;
  /** Takes calls through whose room somebody has to look once the grace has passed. */
  readonly endedCalls: EndedCalls;
  readonly removalGraceSeconds: number;
  /** Clients that were deleted keep their history until it expires. */
  readonly keepHistory: boolean;
}

/**
 * The call must have ended. Two steps of which each is one round trip: closing the call hides it from the sweep, so whoever runs
 * this repeats it until it has succeeded, as Step Functions does; then all that was held is given back in any case.
 */
export async function closeEndedCall(tools: CallClosing, call: Call, nowMs: number): Promise<Decision> {
  const rows = historyRows(call, nowMs);
  const [closed, room] = await Promise.all([
    writeChange(tools, call, closeCall(CALL_RETENTION_DAYS), nowMs),
    heldRoom(tools, call),
    tools.calls.remember(rows),
  ]);
  if (!closed) throw new Error(`call ${call.callId} is gone while it is being closed`);
  await Promise.all([
    publishDecision(tools, closed),
    room?.release(tokensUntilMs(call), nowMs),
    freeSlots(tools, call, rows),
    askWhoIsLeft(tools, call, nowMs),
  ]);
  return closed;
}

/**
 * In the place of a workflow that cannot: also tells each leg, and the sweep has the call until that is done. What it held is
 * given back first, so a crash in between is repaired by a repeat.
 */
export async function closeAndAnnounce(tools: CallClosing, call: Call, nowMs: number): Promise<Decision> {
  await giveBack(tools, call, nowMs);
  const { callId } = call;
  const closed = await changeKnownCall(tools, callId, closeBeforeAnnouncing(CALL_RETENTION_DAYS), nowMs);
  await tools.publisher.publish(announce("CallEnded", closed.call));
  return changeKnownCall(tools, callId, endSweep, nowMs);
}

async function giveBack(tools: CallClosing, call: Call, nowMs: number): Promise<void> {
  const rows = historyRows(call, nowMs);
  const [room] = await Promise.all([heldRoom(tools, call), tools.calls.remember(rows)]);
  await Promise.all([room?.release(tokensUntilMs(call), nowMs), freeSlots(tools, call, rows)]);
  await askWhoIsLeft(tools, call, nowMs);
}

/** Phones leave the room when they hear that the call is over. Who has not by then is removed. */
async function askWhoIsLeft(tools: CallClosing, call: Call, nowMs: number): Promise<void> {
  if (!call.stage) return;
  const dueMs = (call.endedAtMs ?? nowMs) + tools.removalGraceSeconds * 1000;
  const delaySeconds = Math.max(0, Math.ceil((dueMs - nowMs) / 1000));
  await tools.endedCalls.send(
    [{ kind: "ended", callId: call.callId }],
    isEndedForEveryone(call) ? 0 : delaySeconds,
  );
}

/**
 * History has been written before and is taken back from clients that turn out to be gone when their slots are freed. A deletion
 * removes the client first and its history last: whichever comes second sees what the other did, so no row outlives its client.
 */
async function freeSlots(
  { calls, clients, keepHistory }: CallClosing,
  call: Call,
  rows: readonly HistoryRow[],
): Promise<void> {
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

const heldRoom = async ({ rooms }: CallClosing, { callId, stage }: Call): Promise<HeldRoom | undefined> =>
  stage && rooms.held(stage, callId);
