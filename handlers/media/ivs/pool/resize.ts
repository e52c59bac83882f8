/**
 * How many stages there are: the pool grows while free ones are short, and loses stages only to be replaced, or because the
 * operator wants fewer. DeleteStage ends every token of a stage, so replacing one empties it without waiting for any.
 */
import { goalOf, withFullQuota } from "./pool-keeper.ts";
import { newStage, type PooledStage, retired } from "./stage-pool.ts";
import { KEEPER_DELETIONS_BESIDE_REMOVER } from "../quotas.ts";
import type { Outlook } from "./list-round.ts";
import { ask, countAdded, dueStages, note, type Run } from "./run.ts";

/** Replacing a stage whose last token expires sooner than this gains nothing. */
const WORTH_REPLACING_MS = 10_000;
/** Stages without a call that may stand before those of calls. */
const MAX_PASSED_OVER = 20;
/** Phones leave a stage when they hear that the call is over: they are not cut off before. */
const TIME_TO_LEAVE_MS = 10_000;
/** IVS ends a session "a few minutes after the last participant stops publishing". */
const USUAL_SESSION_MS = 120_000;

/** Deletes what is to go, in this order: what has left the pool, what is lurked on, what is too much, what waits too long. */
export async function dispose(run: Run, { short }: Outlook): Promise<void> {
  const left = (): number => run.pace.left("DeleteStage");
  if (left() === 0) return;
  const going = await dueStages(run, "retiring", { limit: left() });
  const surplus = Math.max(0, run.size - run.retiring - run.maxStages);
  const growing = Math.max(0, goal(run) - run.size);
  const replaceable = short ? Math.max(0, run.pace.left("CreateStage") - growing) : 0;
  if (going.length + run.lurkedOn.length + surplus + replaceable === 0) return;
  if (await run.remover.atWork(run.edge.now()))
    run.pace.limit("DeleteStage", KEEPER_DELETIONS_BESIDE_REMOVER);
  await Promise.all(going.slice(0, left()).map((stage) => remove(run, stage)));
  await retireAll(run, run.lurkedOn.splice(0, left()), "replaced for a lurker");
  const most = Math.min(surplus, left());
  if (most > 0) await retireAll(run, await run.stages.free({ limit: most }), "surplus deleted");
  if (replaceable > 0) await replaceWaiting(run, Math.min(replaceable, left()));
}

/**
 * The longest waits first: stages of calls that nobody answered wait for their caller's token, and those of other calls for IVS to
 * end the session that their phones have left.
 */
async function replaceWaiting(run: Run, most: number): Promise<void> {
  if (most === 0) return;
  const nowMs = run.edge.now();
  const forTokens = await dueStages(run, "resting", {
    fromMs: nowMs + WORTH_REPLACING_MS,
    limit: most + MAX_PASSED_OVER,
  });
  const forSessions = run.inSession
    .map(({ stage }) => stage)
    .filter(({ sinceMs }) => nowMs - sinceMs >= TIME_TO_LEAVE_MS);
  const waitMs = ({ dueAtMs, sinceMs }: PooledStage): number =>
    dueAtMs > nowMs ? dueAtMs - nowMs : USUAL_SESSION_MS - (nowMs - sinceMs);
  const chosen = [...forTokens.filter(wasOfACall), ...forSessions]
    .toSorted((one, other) => waitMs(other) - waitMs(one))
    .slice(0, most);
  run.inSession = run.inSession.filter(({ stage }) => !chosen.includes(stage));
  await retireAll(run, chosen, "replaced");
}

/** One that was found without a record is left alone: somebody may be on it whose call is not known. */
const wasOfACall = ({ callId }: PooledStage): boolean => callId !== undefined;

async function retireAll(run: Run, stages: readonly PooledStage[], what: string): Promise<void> {
  await Promise.all(stages.slice(0, run.pace.left("DeleteStage")).map((stage) => retire(run, stage, what)));
}

/** Out of the pool first: nobody leases a stage that IVS is about to lose (S3). */
async function retire(run: Run, stage: PooledStage, what: string): Promise<void> {
  const next = retired(stage, run.edge.now());
  if (!(await run.stages.replace(stage, next))) return;
  run.retiring += 1;
  if (stage.status === "free") countAdded(run, -1);
  note(run, what);
  await remove(run, next);
}

async function remove(run: Run, stage: PooledStage): Promise<void> {
  if ((await ask(run, "DeleteStage", () => run.ivs.remove(stage.arn))) !== "removed") return;
  if (!(await run.stages.remove(stage))) return;
  run.size -= 1;
  run.retiring -= 1;
}

/** As many as may be made in this second. */
export async function grow(run: Run): Promise<void> {
  run.state = { ...run.state, goal: goal(run) };
  const wanted = Math.min(run.pace.left("CreateStage"), run.state.goal - run.size);
  if (wanted > 0) await Promise.all(Array.from({ length: wanted }, () => create(run)));
}

/** There is room for one more, and it is wanted. */
export const canGrow = (run: Run): boolean => run.size < goal(run, 1);

const goal = (
  { state, size, minStages, maxStages, pace, edge }: Run,
  step = pace.left("CreateStage"),
): number => goalOf(state, { size, step, minStages, maxStages }, edge.now());

async function create(run: Run): Promise<void> {
  const { stages, ivs, edge } = run;
  const made = await ask(run, "CreateStage", () => ivs.create());
  if (made === "not now") return;
  if (made === "quota full") {
    run.state = withFullQuota(run.state, run.size, edge.now());
    return note(run, "quota full");
  }
  // Listed before it was recorded, it may have been adopted.
  if (!(await stages.add(newStage(made, edge.now())))) return;
  run.size += 1;
  countAdded(run, 1);
  note(run, "created");
}
