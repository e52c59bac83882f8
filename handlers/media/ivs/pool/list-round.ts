/**
 * Rounds through all stages that IVS has of this stack, a page of 100 a request. One page says of 100 stages at once whether
 * they have a session: the cheapest proof that a resting one is empty. It is judged as of the moment at which it was asked for.
 * The same page shows stages without a record, calls that nobody is on, and records at the wrong place of an index. A round
 * that a run cannot end is gone on with by the next.
 */
import { JOIN_SECONDS } from "../../../../calls/limits.ts";
import type { Hint } from "../../../../calls/presence.ts";
import { freed, isLurkedOn, type PooledStage, wouldProve } from "./stage-pool.ts";
import type { ListedStage } from "../ivs-stages.ts";
import { ask, fail, free, note, readRecords, type Run } from "./run.ts";

const MINUTE_MS = 60_000;
/** How often calls that nobody is on are passed on, while there are calls. A little less, so that every run may. */
const DOUBTS_EVERY_MS = 55_000;
/** How often a round is made while stages rest and enough are free. */
const CALM_ROUND_EVERY_MS = 25_000;
/** A pool that nothing happens in is still compared with what IVS has, so often. */
const IDLE_ROUND_EVERY_MS = 60 * MINUTE_MS;
const COMPARE_EVERY_MS = 10 * MINUTE_MS;
/** Calls passed on in one run; the rest is found a minute later. */
const MAX_DOUBTED_CALLS = 300;
/** Found by a round and kept for later in this run; the next round finds the others. */
const MAX_KEPT = 100;

export interface Outlook {
  /** Free stages are short of the demand. */
  readonly short: boolean;
  /** The last tokens of some resting stage have expired. */
  readonly restingDue: boolean;
}

export const roundGoesOn = ({ state }: Run): boolean => state.cursor !== undefined;

/** Goes on with the round, or begins one if it is time, as far as this second's requests reach. */
export async function listPages(run: Run, outlook: Outlook): Promise<void> {
  let mayBegin = !roundGoesOn(run) && isDue(run, outlook);
  while (run.pace.left("ListStages") > 0) {
    if (!roundGoesOn(run)) {
      if (!mayBegin) return;
      beginRound(run);
      mayBegin = false;
    }
    const atMs = run.edge.now();
    const page = await ask(run, "ListStages", () => run.ivs.list(run.state.cursor || undefined));
    if (page === "not now") return;
    if (page === "bad token") return endRound(run);
    await tendPage(run, page.stages, atMs);
    note(run, "listed pages");
    if (page.nextToken) run.state = { ...run.state, cursor: page.nextToken };
    else await completeRound(run);
  }
}

function isDue({ state, counts, edge }: Run, { short, restingDue }: Outlook): boolean {
  const nowMs = edge.now();
  if (nowMs - state.roundAtMs >= IDLE_ROUND_EVERY_MS) return true;
  if (counts.leased > 0 && nowMs - state.doubtedAtMs >= DOUBTS_EVERY_MS) return true;
  return restingDue && (short || nowMs - state.roundAtMs >= CALM_ROUND_EVERY_MS);
}

function beginRound(run: Run): void {
  const nowMs = run.edge.now();
  const doubting = nowMs - run.state.doubtedAtMs >= DOUBTS_EVERY_MS;
  const doubtedAtMs = doubting ? nowMs : run.state.doubtedAtMs;
  run.state = { ...run.state, cursor: "", roundAtMs: nowMs, doubting, doubtedAtMs };
  run.listed = new Set();
  // What the last round has found, this one finds again if it is still so.
  Object.assign(run, { unrecorded: [], lurkedOn: [], inSession: [] } satisfies Partial<Run>);
}

function endRound(run: Run): void {
  const { cursor: _over, ...state } = run.state;
  run.state = state;
}

/** A round within one run has seen all at nearly one time: what is recorded and was not listed may be gone. */
async function completeRound(run: Run): Promise<void> {
  endRound(run);
  const { listed, state, edge } = run;
  if (!listed || edge.now() - state.comparedAtMs < COMPARE_EVERY_MS) return;
  run.state = { ...run.state, comparedAtMs: edge.now() };
  const recorded = await Promise.all([run.stages.ids("free"), run.stages.ids("resting")]);
  run.unlisted = recorded
    .flat()
    .filter((stageId) => !listed.has(stageId))
    .slice(0, MAX_KEPT);
}

async function tendPage(run: Run, page: readonly ListedStage[], atMs: number): Promise<void> {
  if (page.length === 0) return;
  const { stages } = run;
  const records = await readRecords(
    run,
    page.map(({ stageId }) => stageId),
  );
  const missing = new Set(records.missing);
  keep(
    run.unrecorded,
    page.filter(({ stageId }) => missing.has(stageId)),
  );
  for (const { stageId } of page) run.listed?.add(stageId);
  for (const stage of records.misplaced) await stages.replace(stage, stage);
  const known = page.flatMap((listed) => {
    const stage = records.stages.get(listed.stageId);
    return stage ? [{ stage, listed }] : [];
  });
  await Promise.all(known.map(({ stage, listed }) => tendListed(run, stage, listed, atMs)));
  await passOnDoubts(run, known, atMs);
}

const keep = <T>(kept: T[], found: readonly T[]): void =>
  void kept.push(...found.slice(0, Math.max(0, MAX_KEPT - kept.length)));

async function tendListed(run: Run, stage: PooledStage, listed: ListedStage, atMs: number): Promise<void> {
  if (!wouldProve(stage, atMs)) return;
  const { sessionId } = listed;
  if (sessionId === undefined) return free(run, stage, freed(stage, run.edge.now()), "freed by session");
  // Without a call, it was found without a record: who is on it may be in a call that is not known.
  if (stage.callId === undefined) return;
  if (isLurkedOn(stage, atMs)) keep(run.lurkedOn, [stage]);
  else if (stage.dueAtMs <= atMs) keep(run.inSession, [{ stage, sessionId }]);
}

/** A call that has had time to begin, and whose stage nobody is on: both sides may be gone, and no event said so. */
async function passOnDoubts(
  run: Run,
  known: readonly { stage: PooledStage; listed: ListedStage }[],
  atMs: number,
): Promise<void> {
  if (!run.state.doubting) return;
  const hints = known
    .filter(({ listed }) => listed.sessionId === undefined)
    .filter(({ stage: { status, sinceMs } }) => status === "leased" && sinceMs + JOIN_SECONDS * 1000 <= atMs)
    .flatMap(({ stage: { callId } }): Hint[] => (callId ? [{ kind: "no_session", callId, atMs }] : []))
    .slice(0, MAX_DOUBTED_CALLS - run.hinted);
  if (hints.length === 0) return;
  try {
    await run.doubts.send(hints);
  } catch (error) {
    return fail(run, "calls without session not passed on", error);
  }
  run.hinted += hints.length;
  note(run, "without session", hints.length);
}
