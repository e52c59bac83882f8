/**
 * Every minute: finds calls that should have moved on and did not, because something crashed. Ends those past their deadline (W8),
 * wakes executions that missed a change (W6), starts those that never started, and closes ended calls that are still open.
 */
import { type Call, isOver } from "../../calls/call.ts";
import type { CallId } from "../../calls/ids.ts";
import { CLEAN_UP_GRACE_SECONDS, SWEEP_SHARDS } from "../../calls/limits.ts";
import { passTime } from "../../calls/ending.ts";
import { announceAgain } from "../../calls/snapshot.ts";
import { isAwaited } from "../../calls/wake.ts";
import type { SweepableCalls, SweepPlace } from "../store/call-store.ts";
import { changeKnownCall } from "./change-call.ts";
import { type CallClosing, closeAndAnnounce } from "./close-call.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import { wakeCall, type Workflow } from "./wake-call.ts";

/** Calls of one shard that are repaired at once. */
const PAGE = 25;
/** No page begins later than this, which leaves the last page time to finish. The rest is found a minute later. */
const RUN_MS = 45_000;
/** Names that are tried for a second execution. */
const MAX_REPAIRS = 3;

export interface SweepCalls extends CallClosing {
  readonly calls: CallClosing["calls"] & SweepableCalls;
  readonly workflow: Workflow;
  readonly edge: RuntimeInputs;
}

/** What a sweep did to a stuck call. */
export const REPAIRS = ["ended", "woken", "restarted", "closed"];
export const FAILED_REPAIRS = ["could not restart", "failed"];

export async function sweepCalls(tools: SweepCalls): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  const shards = Array.from({ length: SWEEP_SHARDS }, (_, shard) => shard);
  await Promise.all(shards.map((shard) => sweepShard(tools, shard, done)));
  return done;
}

/** Reads what was due when the run began, so a repaired call is not met twice. */
async function sweepShard(tools: SweepCalls, shard: number, done: Record<string, number>): Promise<void> {
  const nowMs = tools.edge.now();
  let after: SweepPlace | undefined;
  do {
    const page = await tools.calls.overdue(nowMs, { shard, limit: PAGE, after });
    await Promise.all(page.callIds.map((callId) => sweepOne(tools, callId, done)));
    after = page.after;
  } while (after && tools.edge.now() < nowMs + RUN_MS);
}

/** A failing call must not delay the others; it is found again in a minute. */
async function sweepOne(tools: SweepCalls, callId: CallId, done: Record<string, number>): Promise<void> {
  let what = "failed";
  try {
    what = await sweepCall(tools, callId);
  } catch (error) {
    logger.error("call not swept", { callId, error: error as Error });
  }
  done[what] = (done[what] ?? 0) + 1;
}

async function sweepCall(tools: SweepCalls, callId: CallId): Promise<string> {
  const nowMs = tools.edge.now();
  const call = await tools.calls.read(callId);
  if (!call || call.sweepAtMs === undefined || call.sweepAtMs > nowMs) return "moved on";
  if (!isOver(call) && nowMs >= call.deadlineMs) {
    // Its events wake the workflow; if that is dead too, a later sweep closes the call.
    await changeKnownCall(tools, callId, passTime, nowMs);
    return "ended";
  }
  if (await wakeUnfollowed(tools, call)) return "woken";
  if (isOver(call)) return close(tools, call, nowMs);
  if (call.waitTurn === undefined) return restart(tools, call);
  // Between two waits an execution has time to come to the next one.
  const isLost = isAwaited(call) && nowMs >= call.sweepAtMs + CLEAN_UP_GRACE_SECONDS * 1000;
  return isLost ? restart(tools, call) : "waiting";
}

/** The change's events may be unpublished (W7): they are published before the workflow goes on. */
async function wakeUnfollowed({ publisher, workflow }: SweepCalls, call: Call): Promise<boolean> {
  if (!isAwaited(call) || call.cleanedUpAtMs !== undefined) return false;
  await publisher.publish(announceAgain(call));
  return (await wakeCall(workflow, call)) === "woken";
}

async function close(tools: SweepCalls, call: Call, nowMs: number): Promise<string> {
  // A busy call has no wait: if it is still open, its workflow has not run and no phone was told.
  const unheard = call.endReason === "busy" && call.cleanedUpAtMs === undefined;
  const outcome = unheard ? await restart(tools, call) : "could not restart";
  if (outcome !== "could not restart") return outcome;
  // The workflow may be closing it now.
  if (!unheard && nowMs < (call.endedAtMs ?? 0) + CLEAN_UP_GRACE_SECONDS * 1000) return "waiting";
  await closeAndAnnounce(tools, call, nowMs);
  return "closed";
}

/** Starts the execution under the call's name, or under another if that is used up. A running execution is left alone. */
async function restart(
  { workflow }: SweepCalls,
  call: Call,
): Promise<"restarted" | "waiting" | "could not restart"> {
  for (let repair = 0; repair <= MAX_REPAIRS; repair += 1) {
    const name = repair === 0 ? call.callId : `${call.callId}-repair-${repair}`;
    const outcome = await workflow.start(call, name);
    if (outcome !== "exists") return outcome === "started" ? "restarted" : "waiting";
  }
  return "could not restart";
}
