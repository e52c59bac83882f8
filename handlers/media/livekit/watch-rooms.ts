/**
 * In case webhooks are lost: compares the open calls with the rooms that the server has, by one request, and passes on calls without a
 * room as doubtful. `verify-legs` checks each again before it ends a leg.
 */
import * as z from "zod/mini";
import type { CallId } from "../../../calls/ids.ts";
import { JOIN_SECONDS, SWEEP_SHARDS } from "../../../calls/limits.ts";
import type { SweepableCalls, SweepPlace } from "../../store/call-store.ts";
import type { Doubts } from "../hint-queues.ts";
import type { RoomService } from "./room-service.ts";

/** Open calls of a shard that are read at once. */
const PAGE = 1_000;
/** Calls that a run passes on: `verify-legs` checks 8 a second. The next run finds the others. */
const MAX_DOUBTED_CALLS = 200;

const listed = z.object({ rooms: z.array(z.object({ name: z.string() })) });

export interface WatchRooms {
  readonly service: RoomService;
  readonly calls: SweepableCalls;
  readonly doubts: Doubts;
  readonly now: () => number;
}

/** How many rooms there are, and how many calls have none. */
export async function watchRooms(
  tools: WatchRooms,
): Promise<{ rooms: number; without: number } | "throttled"> {
  const atMs = tools.now();
  // The rooms first: a call that begins meanwhile is too young to be missed.
  const reply = await tools.service.request({ method: "ListRooms", grant: { roomList: true }, body: {} });
  if (reply === "throttled") return reply;
  const { rooms } = listed.parse(reply === "not found" ? { rooms: [] } : reply.body);
  // A room that was replaced goes on with the call's id as the beginning of its name.
  const withRoom = new Set(rooms.map(({ name }) => name.slice(0, 36)));
  const open = await openCalls(tools.calls);
  const without = open.filter((callId) => !withRoom.has(callId) && hadTimeToJoin(callId, atMs));
  const hints = without
    .slice(0, MAX_DOUBTED_CALLS)
    .map((callId) => ({ kind: "no_session", callId, atMs }) as const);
  if (hints.length > 0) await tools.doubts.send(hints);
  return { rooms: rooms.length, without: without.length };
}

async function openCalls(calls: SweepableCalls): Promise<CallId[]> {
  const shards = Array.from({ length: SWEEP_SHARDS }, (_, shard) => shard);
  return (await Promise.all(shards.map((shard) => openOfShard(calls, shard)))).flat();
}

/** Every call that is not closed has a time at which the sweep would look at it. */
async function openOfShard(calls: SweepableCalls, shard: number): Promise<CallId[]> {
  const found: CallId[] = [];
  let after: SweepPlace | undefined;
  do {
    const page = await calls.overdue(Number.MAX_SAFE_INTEGER, { shard, limit: PAGE, after });
    found.push(...page.callIds);
    after = page.after;
  } while (after);
  return found;
}

/** A call's id begins with the time of its beginning (UUID version 7). */
const hadTimeToJoin = (callId: CallId, atMs: number): boolean =>
  Number.parseInt(callId.replaceAll("-", "").slice(0, 12), 16) + JOIN_SECONDS * 1000 <= atMs;
