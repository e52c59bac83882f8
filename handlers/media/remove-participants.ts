/**
 * Removes participants that have no part in a call any more: the due-list, by priority and time, one request after another.
 *
 * One run at a time has the lease, and makes its requests at the media provider's pace. Whether a removal is still needed is
 * decided when its turn comes, from what is known then (calls/removals.ts).
 */
import { isOver } from "../../calls/call.ts";
import { type CallId, participantOf } from "../../calls/ids.ts";
import {
  actOf,
  done,
  type KnownStage,
  notJoined,
  type Removal,
  REMOVAL_PRIORITIES,
} from "../../calls/removals.ts";
import type { Doubts, Wakes } from "./hint-queues.ts";
import type { PresenceStore } from "../store/presence-store.ts";
import type { DueRemoval, RemovalStore, RemoverLease } from "../store/removal-store.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import { replaceRoom, type RoomReplacing } from "./replace-room.ts";
import { byWhatIsKnown, listRemovals, type RemovalWanting } from "./want-removals.ts";

/** Leaves room to finish before the function's timeout of 60 s. */
const RUN_MS = 40_000;
/** Renewed well before: a crashed run delays the next one no longer than this. */
const LEASE_MS = 10_000;
/** Removals of a priority that are read at once, beyond those that this run has done and the index may still show. */
const PAGE = 10;
/** Pauses before the list is read again: another run has the lease; the provider throttles. */
const BUSY_SECONDS = 3;
const THROTTLED_SECONDS = 2;

export interface RemoveParticipants extends RoomReplacing {
  readonly presence: RemovalWanting["presence"] & Pick<PresenceStore, "remember">;
  readonly removals: RemovalStore;
  readonly lease: RemoverLease;
  readonly doubts: Doubts;
  readonly wakes: Wakes;
  readonly edge: RuntimeInputs;
}

type Outcome = "removed" | "replaced" | "not joined" | "looked for" | "not needed" | "throttled" | "failed";

interface Run {
  readonly outcomes: Record<string, number>;
  /** The longest wait, when the run began or ended. */
  waitedMs: number;
}

export async function removeParticipants(tools: RemoveParticipants): Promise<Run> {
  const { edge, lease } = tools;
  const run: Run = { outcomes: {}, waitedMs: 0 };
  if ((await nextDue(tools, new Set())) === undefined) return run;
  run.waitedMs = await longestWaitMs(tools);
  const owner = Buffer.from(edge.random(12)).toString("hex");
  if (!(await lease.take(owner, edge.now(), edge.now() + LEASE_MS))) {
    await tools.wakes.send([{ kind: "due" }], BUSY_SECONDS);
    return run;
  }
  try {
    await workOff(tools, owner, run);
  } finally {
    await lease.release(owner);
  }
  run.waitedMs = Math.max(run.waitedMs, await longestWaitMs(tools));
  return run;
}

/** Until nothing is due, the time is up, or the provider throttles. */
async function workOff(tools: RemoveParticipants, owner: string, { outcomes }: Run): Promise<void> {
  const { edge, lease, wakes: waking } = tools;
  const untilMs = edge.now() + RUN_MS;
  // The index may still show removals that are done.
  const seen = new Set<string>();
  for (;;) {
    const next = await nextDue(tools, seen);
    if (!next) return;
    const nowMs = edge.now();
    if (nowMs >= untilMs || !(await lease.take(owner, nowMs, nowMs + LEASE_MS))) {
      return waking.send([{ kind: "due" }], BUSY_SECONDS);
    }
    seen.add(nameOf(next));
    const outcome = await attempt(tools, next);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (outcome === "throttled") return waking.send([{ kind: "due" }], THROTTLED_SECONDS);
    if (REQUESTS.has(outcome)) await edge.pause(tools.rooms.paceMs);
  }
}

const REQUESTS = new Set<Outcome>(["removed", "replaced", "not joined", "failed"]);
const nameOf = ({ callId, target, dueAtMs }: DueRemoval): string => `${callId} ${target} ${dueAtMs}`;

/** The first of the highest priority (R5). */
async function nextDue(
  { removals, edge }: RemoveParticipants,
  seen: ReadonlySet<string>,
): Promise<DueRemoval | undefined> {
  for (const priority of REMOVAL_PRIORITIES) {
    const due = await removals.due(priority, edge.now(), PAGE + seen.size);
    const fresh = due.find((one) => !seen.has(nameOf(one)));
    if (fresh) return fresh;
  }
  return undefined;
}

async function longestWaitMs({ removals, edge }: RemoveParticipants): Promise<number> {
  const nowMs = edge.now();
  const first = await Promise.all(REMOVAL_PRIORITIES.map((priority) => removals.due(priority, nowMs, 1)));
  return Math.max(0, ...first.flat().map(({ dueAtMs }) => nowMs - dueAtMs));
}

/** A failed removal must not delay the others; it stays due, and the next run tries again. */
async function attempt(tools: RemoveParticipants, next: DueRemoval): Promise<Outcome> {
  try {
    return await carryOut(tools, next);
  } catch (error) {
    logger.error("not removed", { callId: next.callId, participant: next.target, error: error as Error });
    return "failed";
  }
}

/** At most one request to the provider. */
async function carryOut(tools: RemoveParticipants, { callId, target }: DueRemoval): Promise<Outcome> {
  const { presence, removals, edge } = tools;
  const known = await presence.known(callId);
  const removal = known?.removals.get(target);
  const nowMs = edge.now();
  if (!known || !removal || (removal.dueAtMs ?? Number.POSITIVE_INFINITY) > nowMs) return "not needed";
  switch (actOf(removal, known, nowMs)) {
    case "nothing":
      await removals.replace(removal, done(removal, "not_needed"), nowMs);
      return "not needed";
    case "look":
      await tools.doubts.send([{ kind: "expired", callId }]);
      await removals.replace(removal, done(removal, "not_joined"), nowMs);
      return "looked for";
    case "disconnect":
      return disconnect(tools, known, removal);
    case "replace":
      return replace(tools, known, removal);
  }
}

async function disconnect(tools: RemoveParticipants, known: KnownStage, removal: Removal): Promise<Outcome> {
  const { rooms, removals, edge } = tools;
  const { callId, target, stage } = removal;
  const reply = await rooms.disconnect(stage, target);
  if (reply === "throttled") return reply;
  logger.info(reply, { callId, participant: target, waitedMs: edge.now() - (removal.dueAtMs ?? 0) });
  const wasThere = reply === "disconnected";
  if (wasThere && rooms.returnableMs === 0) {
    await removals.replace(removal, done(removal, "removed"), edge.now());
    return "removed";
  }
  const returns = rooms.returnableMs > 0 && (wasThere || known.participants.has(target));
  await leaveOpen(tools, known, removal, returns ? edge.now() + rooms.returnableMs : removal.tokenUntilMs);
  if (returns) await forgetSession(tools, known, target);
  await hurryAgain(tools, callId, returns);
  return wasThere ? "removed" : "not joined";
}

/** The participant may come, or come back, until its token expires (R4). */
async function leaveOpen(
  { removals, wakes: waking, edge }: RemoveParticipants,
  known: KnownStage,
  removal: Removal,
  untilMs: number,
): Promise<void> {
  const tokenUntilMs = Math.max(removal.tokenUntilMs, untilMs);
  const waiting = notJoined({ ...removal, tokenUntilMs }, known, edge.now());
  await removals.replace(removal, waiting, edge.now());
  if (waiting.dueAtMs !== undefined)
    await waking.send([{ kind: "due" }], Math.ceil((waiting.dueAtMs - edge.now()) / 1000) + 1);
}

/**
 * The provider's report that it stopped may come late or never: until then it would seem to be there, and be removed again and again.
 * If it comes back, its next report is of a later time.
 */
async function forgetSession(
  { presence }: RemoveParticipants,
  known: KnownStage,
  target: string,
): Promise<void> {
  const atMs = known.participants.get(target)?.publishedAtMs;
  const who = participantOf(target);
  if (atMs !== undefined && who) await presence.remember("unpublished", { ...who, atMs });
}

/** It may have begun to publish between the provider's answer and the write that stores it (R4). */
async function hurryAgain(tools: RemoveParticipants, callId: CallId, returns: boolean): Promise<void> {
  const known = await tools.presence.known(callId);
  if (known && (returns || !isOver(known.call)))
    await listRemovals(tools, known, byWhatIsKnown(0), tools.edge.now());
}

async function replace(tools: RemoveParticipants, known: KnownStage, removal: Removal): Promise<Outcome> {
  const outcome = await replaceRoom(tools, known, removal);
  return outcome === "no other is free" ? disconnect(tools, known, removal) : outcome;
}
