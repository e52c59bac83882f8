/**
 * Keeps the pool of stages: frees resting stages once they are proved empty, replaces and makes stages while free ones are
 * short, takes back leases of calls that are over, and compares the pool with what IVS has. It runs every minute and when a
 * request finds few free stages. It sends calls whose stage has no session to `verify-legs`: one list shows that for many
 * stages.
 *
 * A run works second by second: in each it makes a limited number of requests of each IVS operation (quotas.ts), in parallel.
 * While stages are short it goes on until its time is over; otherwise it ends when nothing is left to do.
 *
 * K1 One run keeps the pool at a time, by a lease that it renews every second. All it writes is conditional all the same.
 * K2 A throttle slows down the throttled operation only.
 * K3 The next run finds what a run leaves undone: due stages by the index, the round by its cursor.
 */
import { type KeeperState, reserveOf, withCount } from "./pool-keeper.ts";
import { listPages, type Outlook, roundGoesOn } from "./list-round.ts";
import { canGrow, dispose, grow } from "./resize.ts";
import { type KeepStages, openRun, type Run } from "./run.ts";
import { askForStages, checkParticipants, tendLeases } from "./tend-due.ts";

/** Until the next run begins; the function's timeout leaves room to finish. */
const RUN_MS = 57_000;
const SECOND_MS = 1_000;
/** Renewed every second: a crashed run delays the next one no longer than this. */
const LEASE_MS = 15_000;
/** Free stages are counted up to this many, or up to the demand if that is more. */
const COUNTED_FREE = 1_000;
/** From the expiry of a stage's last token until it is free, while nothing is short. */
const USUAL_LAG_MS = 3_000;

export interface Kept {
  /** Counts of what was done, by name. */
  readonly done: Record<string, number>;
  /** The least number of free stages, and the leases a second. */
  readonly free: number;
  readonly demand: number;
  /** Records that could not be read. */
  readonly unreadable: number;
  /** Its time ended while stages were short: the next run must begin at once. */
  readonly unfinished: boolean;
  /** Errors other than throttling; the run did everything else all the same. */
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

/** Exact when the run begins, later only up to the limit that matters: above it the number taken is unknown. */
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
  // The pool keeps its size: a stage that goes is made again.
  const goal = Math.max(state.goal, Math.min(run.size - run.retiring, run.maxStages));
  run.state = { ...counted, goal };
}

/** When a refused caller may find a free stage: now, if some were just made, else when the next one has rested. */
function refillAtMs(run: Run, restingAtMs: number | undefined): number {
  const soonMs = run.edge.now() + SECOND_MS;
  if (run.state.added > 0 || canGrow(run)) return soonMs;
  return restingAtMs === undefined ? 0 : Math.max(soonMs, restingAtMs + USUAL_LAG_MS);
}

/** While stages are short, leased ones may come back at any moment. */
function isBusy(run: Run, { short }: Outlook): boolean {
  const { unrecorded, lurkedOn, unlisted, retiring, size, maxStages, state } = run;
  if (roundGoesOn(run) || canGrow(run) || retiring > 0 || size > maxStages) return true;
  if (run.asking || unrecorded.length + lurkedOn.length + unlisted.length > 0) return true;
  return short && size > state.free + state.added;
}
