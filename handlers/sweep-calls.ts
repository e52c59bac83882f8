/**
 * Every minute: finds calls that should have moved on and did not, because something crashed (W8). Ends those past their
 * deadline, starts executions that never started, and closes ended calls that nobody closed.
 */
import * as z from "zod";
import { type Call, isOver } from "../calls/call.ts";
import type { CallId } from "../calls/ids.ts";
import { passTime } from "../calls/rules.ts";
import { callStore, type SweepableCalls } from "./adapters/call-store.ts";
import { callWorkflow } from "./adapters/call-workflow.ts";
import { clientSlots } from "./adapters/client-store.ts";
import { eventBus } from "./adapters/event-bus.ts";
import { endedCalls } from "./adapters/hint-queues.ts";
import { stageStore } from "./adapters/stage-store.ts";
import { changeKnownCall } from "./change-call.ts";
import { type CallClosing, closeAndAnnounce } from "./close-call.ts";
import type { Workflow } from "./drive-call.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger } from "./handler.ts";

/** Calls of one shard in one run; the rest is found a minute later. */
const PAGE = 50;
/** Names to try for a second execution. */
const MAX_REPAIRS = 3;

export interface SweepCalls extends CallClosing {
  readonly calls: CallClosing["calls"] & SweepableCalls;
  readonly workflow: Workflow;
  readonly edge: Edge;
}

/** What a sweep did to a call that a crash had left lying. */
const REPAIRS = ["ended", "restarted", "closed"];
const FAILED_REPAIRS = ["could not restart", "failed"];

export async function sweepCalls(tools: SweepCalls): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  for (const callId of await tools.calls.overdue(tools.edge.now(), PAGE)) {
    try {
      const what = await sweepCall(tools, callId);
      done[what] = (done[what] ?? 0) + 1;
    } catch (error) {
      // One bad call must not keep the others waiting; it is found again in a minute.
      done["failed"] = (done["failed"] ?? 0) + 1;
      logger.error("call not swept", { callId, error: error as Error });
    }
  }
  return done;
}

async function sweepCall(tools: SweepCalls, callId: CallId): Promise<string> {
  const nowMs = tools.edge.now();
  const call = await tools.calls.read(callId);
  if (!call || call.sweepAtMs === undefined || call.sweepAtMs > nowMs) return "moved on";
  if (isOver(call)) return close(tools, call, nowMs);
  if (nowMs >= call.deadlineMs) {
    // Its events wake the workflow; if that is dead too, the next sweep closes the call.
    await changeKnownCall(tools, callId, passTime, nowMs);
    return "ended";
  }
  if (call.waitTurn === undefined) return restart(tools, call);
  return "waiting";
}

async function close(tools: SweepCalls, call: Call, nowMs: number): Promise<string> {
  // A busy call has no wait: that it is still open means that its workflow has not run and nobody was told.
  const unheard = call.endReason === "busy" && call.cleanedUpAtMs === undefined;
  const outcome = unheard ? await restart(tools, call) : "could not restart";
  if (outcome !== "could not restart") return outcome;
  await closeAndAnnounce(tools, call, nowMs);
  return "closed";
}

/** Starts the execution under the call's name, or under another if that name is spent. One that runs is on its way. */
async function restart(
  { workflow }: SweepCalls,
  { callId }: Call,
): Promise<"restarted" | "waiting" | "could not restart"> {
  for (let repair = 0; repair <= MAX_REPAIRS; repair += 1) {
    const name = repair === 0 ? callId : `${callId}-repair-${repair}`;
    const outcome = await workflow.start(callId, name);
    if (outcome !== "exists") return outcome === "started" ? "restarted" : "waiting";
  }
  return "could not restart";
}

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "STAGES_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
  "ENDINGS_QUEUE_URL",
  "REMOVAL_GRACE_SECONDS",
  "CALL_WORKFLOW_ARN",
);
const tools: SweepCalls = {
  calls: callStore(env),
  clients: clientSlots(env),
  stages: stageStore(env),
  publisher: eventBus(env),
  keepHistory: env.CALL_HISTORY === "keep",
  endedCalls: endedCalls(env),
  removalGraceSeconds: env.REMOVAL_GRACE_SECONDS,
  workflow: callWorkflow(env, edge.now),
  edge,
};

export const handler = defineHandler(z.unknown(), async () => {
  const done = await sweepCalls(tools);
  logger.info("swept", done);
  const total = (outcomes: string[]) => outcomes.reduce((sum, outcome) => sum + (done[outcome] ?? 0), 0);
  count("Repairs", total(REPAIRS));
  count("FailedRepairs", total(FAILED_REPAIRS));
});
