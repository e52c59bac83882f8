/**
 * Replaces a room: ends it, which disconnects all its participants. A call that goes on first moves to another room; its phones
 * lose the old room and come back by `rejoinCall`, which refuses removed persons.
 */
import { isOver } from "../../calls/call.ts";
import { moveTo } from "../../calls/move.ts";
import { done, type KnownStage, type Removal } from "../../calls/removals.ts";
import { isSameRoom, type Room } from "../../calls/room.ts";
import { type CallChanging, changeCall } from "../call/change-call.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import type { RemovalStore } from "../store/removal-store.ts";
import type { RoomRemovals } from "./port.ts";

export interface RoomReplacing extends CallChanging {
  readonly rooms: RoomRemovals;
  readonly removals: Pick<RemovalStore, "replace">;
  readonly edge: Pick<RuntimeInputs, "now">;
}

/** Safe to repeat after a crash at any point: the removal stays due until its room is gone. */
export async function replaceRoom(
  tools: RoomReplacing,
  known: KnownStage,
  { stage: room }: Removal,
): Promise<"replaced" | "not needed" | "no other is free" | "throttled"> {
  const { call } = known;
  const isInUse = !isOver(call) && isSameRoom(call.stage, room);
  if (isInUse && !(await move(tools, known))) return "no other is free";
  const outcome = await tools.rooms.end(room, call.callId);
  if (outcome === "throttled") return outcome;
  const isOurs = outcome === "ended";
  // Where a room can be made again, no removal is final: whoever comes back is removed again.
  const isFinal = isOurs && tools.rooms.returnableMs === 0;
  await closeRemovals(tools, known, room, isFinal ? "replaced" : "not_needed");
  const { stageId } = room;
  logger.info(isOurs ? "stage replaced" : "stage serves another call", { callId: call.callId, stageId });
  return isOurs ? "replaced" : "not needed";
}

/** All removals that wait for this room. */
async function closeRemovals(
  { removals, edge }: RoomReplacing,
  known: KnownStage,
  room: Room,
  outcome: "replaced" | "not_needed",
): Promise<void> {
  const waiting = [...known.removals.values()].filter(
    ({ stage, dueAtMs }) => isSameRoom(stage, room) && dueAtMs !== undefined,
  );
  for (const one of waiting) await removals.replace(one, done(one, outcome), edge.now());
}

/** False if there is no other room. */
async function move(tools: RoomReplacing, { call }: KnownStage): Promise<boolean> {
  const taken = await tools.rooms.takeAnother(call.callId);
  if (!taken) return false;
  const moved = await changeCall(tools, call.callId, moveTo(call.stage, taken.room), tools.edge.now());
  // The call has ended meanwhile: the old room may go, and the other one is not needed.
  if (moved?.kind !== "changed") await taken.giveBack();
  return true;
}
