/**
 * Keeps the pool of stages: gives resting stages back once they are proved empty, replaces and makes stages while free ones are
 * short, takes back leases of calls that are over, and compares the pool with what IVS has. It runs every minute and when a
 * request finds few free stages. Calls whose stage has no session are passed on to `verify-legs`: the list of stages answers
 * that in bulk.
 *
 * A run works second by second: in each it makes at most so many requests of each operation of IVS (quotas.ts), at once.
 * While stages are short it goes on until its time is over; else it ends when nothing is left to do.
 *
 * K1 One run keeps the pool at a time, by a lease that it renews every second. All it writes is conditional all the same.
 * K2 A throttle slows down the operation that it met, and nothing else.
 * K3 Whatever a run leaves undone, the next one finds: due stages by the index, the round by its cursor.
 */
import { type KeeperState, reserveOf, withCount } from "./pool-keeper.ts";
import { listPages, type Outlook, roundGoesOn } from "./list-round.ts";
import { canGrow, dispose, grow } from "./resize.ts";
import { type KeepStages, openRun, type Run } from "./run.ts";
import { askForStages, checkParticipants, tendLeases } from "./tend-due.ts";

/** Until the next run begins; the function's timeout leaves room to finish. */
const RUN_MS = 57_000;
const SECOND_MS = 1_000;
/** Renewed every second: a run that died holds up the next one no longer than this. */
const LEASE_MS = 15_000;
/** Free stages are counted up to this many, or up to what the demand asks for. */
const COUNTED_FREE = 1_000;
/** From a stage's last token to its being free, if nothing else is short. */
const USUAL_LAG_MS = 3_000;

export interface Kept {
  /** How much was done, by name. */
  readonly done: Record<string, number>;
  /** Free stages at the least, and calls a second that lease one. */
  readonly free: number;
  readonly demand: number;
  /** Records that could not be read. */
  readonly unreadable: number;
  /** Its time was over, and stages are still short: the next run has to begin at once. */
  readonly unfinished: boolean;
  /** What went wrong, beside throttling; everything else was done all the same. */
  readonly failures: readonly unknown[];
}

/** Undefined if another run keeps the pool. */
export async function keepStages(tools: KeepStages): Promise<Kept | undefined> {
  const { edge, row } = tools;
  const owner = Buffer.from(edge.random(12)).toString("hex");
  const startedAtMs = edge.now();
  const state = await row.take(owner, startedAtMs, startedAtMs + LEASE_MS);
  if (!state) return undefined;
  let remembered: KeeperState = state;
  try {
    const run = await openRun(tools, state, startedAtMs);
    for (;;) {
      const secondMs = edge.now();
      const goesOn = await keepForASecond(run);
      remembered = run.state;
      const isOver = secondMs + SECOND_MS >= startedAtMs + RUN_MS;
      if (!goesOn || isOver) return keptBy(run, goesOn && isOver);
      if (!(await row.keep(owner, run.state, secondMs + LEASE_MS))) return keptBy(run, false);
      await edge.pause(Math.max(0, secondMs + SECOND_MS - edge.now()));
    }
  } finally {
    await row.keep(owner, remembered, 0);
  }
}

const keptBy = ({ done, leastFree, state, unreadable, failures }: Run, unfinished: boolean): Kept => ({
  done,
  free: leastFree,
  demand: state.demand,
  unreadable: unreadable.size,
  unfinished,
  failures,
});

/** True if there is more to do. */
async function keepForASecond(run: Run): Promise<boolean> {
  const { edge, stages, pace } = run;
  pace.begin(edge.now());
  await countFree(run);
  const [first] = await stages.due("resting", { limit: 1 });
  const outlook: Outlook = {
    short: run.state.free < reserveOf(run.state, run),
    restingDue: first !== undefined && first.dueAtMs <= edge.now(),
  };
  await Promise.all([listPages(run, outlook), tendLeases(run)]);
  await Promise.all([
    outlook.short ? checkParticipants(run) : undefined,
    dispose(run, outlook),
    askForStages(run),
  ]);
  await grow(run);
  run.state = { ...run.state, refillAtMs: refillAtMs(run, first?.dueAtMs) };
  return isBusy(run, outlook);
}

/** Exactly when the run begins, later only as far as it matters: beyond that it is not known how many were taken. */
async function countFree(run: Run): Promise<void> {
  const { edge, stages, state, counts } = run;
  const isFirst = state.countedAtMs < run.beganAtMs;
  const limit = Math.max(COUNTED_FREE, reserveOf(state, run) + 1);
  const free = isFirst ? counts.free : await stages.count("free", limit);
  const isExact = isFirst || free < limit;
  if (isExact) run.leastFree = Math.min(run.leastFree, free);
  const counted = isExact
    ? withCount(state, free, edge.now())
    : { ...state, free, countedAtMs: edge.now(), added: 0 };
  // What there is, is kept: a stage that goes is made again.
  const goal = Math.max(state.goal, Math.min(run.size - run.retiring, run.maxStages));
  run.state = { ...counted, goal };
}

/** When a caller who is refused may find one: now, if some were just made, else when the next one has rested. */
function refillAtMs(run: Run, restingAtMs: number | undefined): number {
  const soonMs = run.edge.now() + SECOND_MS;
  if (run.state.added > 0 || canGrow(run)) return soonMs;
  return restingAtMs === undefined ? 0 : Math.max(soonMs, restingAtMs + USUAL_LAG_MS);
}

/** While stages are short, those that calls hold may come back at any moment. */
function isBusy(run: Run, { short }: Outlook): boolean {
  const { unrecorded, lurkedOn, unlisted, retiring, size, maxStages, state } = run;
  if (roundGoesOn(run) || canGrow(run) || retiring > 0 || size > maxStages) return true;
  if (run.asking || unrecorded.length + lurkedOn.length + unlisted.length > 0) return true;
  return short && size > state.free + state.added;
}
