/** Tends stages that are due or found by a round: leases of ended calls, old endpoints, records and stages without each other. */
import { isOver } from "../../../../calls/call.ts";
import { tokensUntilMs } from "../../../../calls/participant-tokens.ts";
import {
  adopted,
  foundInUse,
  freed,
  LURKER_GRACE_MS,
  type PooledStage,
  refreshed,
  rested,
  stillLeased,
  wouldProve,
} from "./stage-pool.ts";
import { ask, countAdded, dueStages, fail, free, note, readRecords, type Run } from "./run.ts";

/** Leases checked in one second. */
const MAX_LEASES = 25;

/** A lease whose call is over and closed, or does not exist, is a leak. */
export async function tendLeases(run: Run): Promise<void> {
  const due = await dueStages(run, "leased", { untilMs: run.edge.now(), limit: MAX_LEASES });
  await Promise.all(due.map((stage) => attempt(run, stage)));
}

/** A call that cannot be read must not delay the leases of others. */
async function attempt(run: Run, stage: PooledStage): Promise<void> {
  try {
    await tendLease(run, stage);
  } catch (error) {
    run.skipped.add(stage.stageId);
    fail(run, "lease not checked", error, { stageId: stage.stageId, callId: stage.callId });
  }
}

async function tendLease(run: Run, stage: PooledStage): Promise<void> {
  const { stages, calls, edge } = run;
  const call = stage.callId && (await calls.read(stage.callId));
  const isHeld = call && (!isOver(call) || call.cleanedUpAtMs === undefined);
  const nowMs = edge.now();
  if (isHeld) return void (await stages.replace(stage, stillLeased(stage, nowMs)));
  const untilMs = Math.max(nowMs, call ? tokensUntilMs(call) : 0);
  if (await stages.replace(stage, rested(stage, untilMs, nowMs))) note(run, "leases taken back");
}

/** Checks resting stages whose session has not ended yet: a stage without participants is free at once. */
export async function checkParticipants(run: Run): Promise<void> {
  const { stages, edge } = run;
  while (run.pace.left("ListParticipants") > 0) {
    const next = run.inSession.shift();
    if (!next) return;
    const { stage, sessionId } = next;
    const atMs = edge.now();
    const people = await ask(run, "ListParticipants", () => run.ivs.connected(stage.arn, sessionId));
    if (people === "not now") return;
    if (people > 0) await stages.replace(stage, foundInUse(stage, edge.now()));
    else if (wouldProve(stage, atMs))
      await free(run, stage, freed(stage, edge.now()), "freed by participants");
  }
}

/** Each costs a GetStage. */
export async function askForStages(run: Run): Promise<void> {
  run.asking = false;
  while (run.pace.left("GetStage") > 0) {
    const stage = (await unlisted(run)) ?? (await overdue(run)) ?? (await withOldEndpoints(run));
    if (stage) await askForStage(run, stage);
    else if (!(await adopt(run))) return;
  }
}

/** Recorded, but not listed by the last round. */
async function unlisted(run: Run): Promise<PooledStage | undefined> {
  const stageId = run.unlisted.shift();
  if (stageId === undefined) return undefined;
  const stage = (await readRecords(run, [stageId])).stages.get(stageId);
  return stage?.status === "free" || stage?.status === "resting" ? stage : unlisted(run);
}

/** A resting stage that no round has shown for so long is gone, or a participant is still on it. */
async function overdue(run: Run): Promise<PooledStage | undefined> {
  const untilMs = run.edge.now() - 2 * LURKER_GRACE_MS;
  return (await dueStages(run, "resting", { untilMs, limit: 1 }))[0];
}

async function withOldEndpoints(run: Run): Promise<PooledStage | undefined> {
  return (await dueStages(run, "free", { untilMs: run.edge.now(), limit: 1 }))[0];
}

/** Drops the record of a stage that IVS no longer has; otherwise reads its endpoints again. */
async function askForStage(run: Run, stage: PooledStage): Promise<void> {
  const { stages, ivs, edge } = run;
  const found = await ask(run, "GetStage", () => ivs.get(stage.arn));
  if (found === "not now") return;
  run.asking = true;
  if (found === "gone") {
    if (!(await stages.remove(stage))) return;
    run.size -= 1;
    if (stage.status === "free") countAdded(run, -1);
    note(run, "records dropped");
  } else if (stage.status === "free") {
    await stages.replace(stage, refreshed(stage, found.endpoints, edge.now()));
    note(run, "refreshed");
  } else await stages.replace(stage, foundInUse(stage, edge.now()));
}

/** A stage of this stack without a record, left by a crash between the two: it rests, or goes if the pool has enough. */
async function adopt(run: Run): Promise<boolean> {
  const { stages, ivs, edge, maxStages } = run;
  const listed = run.unrecorded.shift();
  if (!listed) return false;
  const fits = run.size < maxStages;
  // An unwanted stage still has participants: a later round finds it again.
  if (!fits && listed.sessionId !== undefined) return true;
  const found = await ask(run, "GetStage", () => ivs.get(listed.arn));
  if (found === "not now" || found === "gone") return true;
  if (!(await stages.add(adopted(found, edge.now(), fits ? "resting" : "retiring")))) return true;
  run.size += 1;
  if (!fits) run.retiring += 1;
  note(run, fits ? "adopted" : "unrecorded retired");
  return true;
}
