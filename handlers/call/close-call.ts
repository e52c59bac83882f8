/** Gives back an ended call's slots and room, and writes its history. Safe to run twice. */
import { type Call, type Leg, legNumbers, legOf } from "../../calls/call.ts";
import type { ClientId } from "../../calls/ids.ts";
import { isEndedForEveryone } from "../../calls/removals.ts";
import { type HistoryRow, historyRows } from "../../calls/history.ts";
import { CALL_RETENTION_DAYS } from "../../calls/limits.ts";
import { endSweep, closeCall, closeBeforeAnnouncing } from "../../calls/closing.ts";
import { tokensUntilMs } from "../../calls/participant-tokens.ts";
import type { Decision } from "../../calls/rules.ts";
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
  /** Takes calls whose participants must be checked once the grace has passed. */
  readonly endedCalls: EndedCalls;
  readonly removalGraceSeconds: number;
  /** Clients that were deleted keep their history until it expires. */
  readonly keepHistory: boolean;
}

/**
 * The call must have ended. Two steps, each of one round trip: closing the call hides it from the sweep, so the invoker must
 * repeat this until it succeeds, as Step Functions does; then all that the call held is given back.
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
 * In place of a failed workflow: also tells each leg, and the sweep keeps the call until that is done. What the call held is
 * given back first, so a repeat repairs a crash in between.
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

/** Phones leave the room when they learn that the call is over. The rest are removed after the grace. */
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
 * History is written first, and removed again from clients that turn out to be deleted when their slots are freed. A deletion
 * removes the client first and its history last: the second of the two sees the first, so no row outlives its client.
 */
async function freeSlots(
  { calls, clients, keepHistory }: CallClosing,
  call: Call,
  rows: readonly HistoryRow[],
): Promise<void> {
  const deleted = new Set<ClientId>();
  const free = async (leg: Leg): Promise<void> => {
    const freeing = await clients.freeSlot(leg.clientId, call.callId, seenAtMs(leg));
    if (freeing === "no client") deleted.add(leg.clientId);
  };
  await Promise.all(legNumbers(call).map((leg) => free(legOf(call, leg))));
  if (!keepHistory) await calls.forget(rows.filter(({ clientId }) => deleted.has(clientId)));
}

/** A client that called or answered counts as in use; a client that did not answer does not. */
const seenAtMs = ({ joinedAtMs }: Leg): number | undefined => joinedAtMs;

const heldRoom = async ({ rooms }: CallClosing, { callId, stage }: Call): Promise<HeldRoom | undefined> =>
  stage && rooms.held(stage, callId);
