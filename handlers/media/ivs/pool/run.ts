/** One run of the keeper: what it works with, what it has done, what it has found and not yet tended. */
import type { KeeperState, PoolBounds } from "./pool-keeper.ts";
import type { PooledStage, StageStatus } from "./stage-pool.ts";
import type { Doubts } from "../../hint-queues.ts";
import type { IvsStages, ListedStage } from "../ivs-stages.ts";
import type { KeeperRow } from "./keeper-row.ts";
import type { RemoverWatch } from "../../../store/removal-store.ts";
import type { DueQuery, StageRecords, StageStore } from "./stage-store.ts";
import type { CallStore } from "../../../call/change-call.ts";
import { type Edge, logger } from "../../../edge/handler.ts";
import { type IvsOperation, openPace, type Pace } from "./pace.ts";

export interface KeepStages extends PoolBounds {
  readonly stages: StageStore;
  readonly ivs: IvsStages;
  readonly calls: Pick<CallStore, "read">;
  readonly doubts: Doubts;
  readonly row: KeeperRow;
  readonly remover: RemoverWatch;
  readonly edge: Edge;
}

/** A resting stage whose last token has expired, and on whose session somebody may still be. */
export interface InSession {
  readonly stage: PooledStage;
  readonly sessionId: string;
}

export interface Run extends KeepStages {
  readonly beganAtMs: number;
  readonly pace: Pace;
  readonly done: Record<string, number>;
  /** What went wrong, beside throttling: the run goes on, and fails in the end. */
  readonly failures: unknown[];
  state: KeeperState;
  /** Stages that have a record, and how many of them leave the pool. */
  size: number;
  retiring: number;
  /** When the run began: which statuses there were at all. */
  readonly counts: Readonly<Record<StageStatus, number>>;
  /** Free stages at the least, as far as they were counted. */
  leastFree: number;
  hinted: number;
  /** In this second: IVS was asked for a stage, and there may be more to ask for. */
  asking: boolean;
  /** Ids that an index names and whose record is gone or cannot be read: not to be tried again in this run. */
  readonly skipped: Set<string>;
  /** Of those, the ones that cannot be read. */
  readonly unreadable: Set<string>;
  /** Found by the rounds through what IVS has. */
  unrecorded: ListedStage[];
  lurkedOn: PooledStage[];
  inSession: InSession[];
  /** Recorded, and not listed by IVS. */
  unlisted: string[];
  /** All that the present round has listed, if it began in this run. */
  listed: Set<string> | undefined;
}

export async function openRun(tools: KeepStages, state: KeeperState, beganAtMs: number): Promise<Run> {
  const { stages } = tools;
  const [free, leased, resting, retiring] = await Promise.all([
    stages.count("free"),
    stages.count("leased"),
    stages.count("resting"),
    stages.count("retiring"),
  ]);
  return {
    ...tools,
    beganAtMs,
    pace: openPace(),
    done: {},
    failures: [],
    state,
    size: free + leased + resting + retiring,
    retiring,
    counts: { free, leased, resting, retiring },
    leastFree: free,
    hinted: 0,
    asking: false,
    skipped: new Set(),
    unreadable: new Set(),
    unrecorded: [],
    lurkedOn: [],
    inSession: [],
    unlisted: [],
    listed: undefined,
  };
}

export function note({ done }: Run, what: string, amount = 1): void {
  if (amount > 0) done[what] = (done[what] ?? 0) + amount;
}

/** The run goes on with everything else, and is known to have failed in the end. */
export function fail(run: Run, what: string, error: unknown, about: Record<string, unknown> = {}): void {
  run.failures.push(error);
  note(run, "failed");
  logger.error(what, { ...about, error: error as Error });
}

/** One request to IVS within its pace. `not now`: nothing is left of this second, IVS throttles, or it failed. */
export async function ask<Reply>(
  run: Run,
  operation: IvsOperation,
  request: () => Promise<Reply | "throttled">,
): Promise<Reply | "not now"> {
  const { pace, edge } = run;
  if (!pace.take(operation)) return "not now";
  const askedAtMs = edge.now();
  try {
    const reply = await request();
    if (reply !== "throttled") {
      pace.answered(operation, askedAtMs);
      return reply;
    }
    pace.throttled(operation, askedAtMs);
    note(run, "throttled");
  } catch (error) {
    fail(run, "IVS failed", error, { operation });
  }
  return "not now";
}

/** Free stages that came or went by the keeper's hand are no demand. */
export const countAdded = (run: Run, amount: number): void =>
  void (run.state = { ...run.state, added: run.state.added + amount });

/** One that cannot be read is counted, and holds up no other. */
export async function readRecords(run: Run, stageIds: readonly string[]): Promise<StageRecords> {
  const records = await run.stages.readMany(stageIds);
  for (const stageId of records.unreadable) run.unreadable.add(stageId);
  return records;
}

/** Stages of a status that are due, with their records. */
export async function dueStages(run: Run, status: StageStatus, query: DueQuery): Promise<PooledStage[]> {
  const { stages, skipped } = run;
  const due = await stages.due(status, { ...query, limit: query.limit + skipped.size });
  const ids = due.map(({ stageId }) => stageId).filter((stageId) => !skipped.has(stageId));
  if (ids.length === 0) return [];
  const wanted = ids.slice(0, query.limit);
  const records = await readRecords(run, wanted);
  for (const stageId of wanted) if (!records.stages.has(stageId)) skipped.add(stageId);
  // The index may be behind the records.
  return [...records.stages.values()].filter((stage) => stage.status === status);
}

/** A stage that nobody of its last call can be on any more. */
export async function free(run: Run, stage: PooledStage, next: PooledStage, proof: string): Promise<void> {
  if (!(await run.stages.replace(stage, next))) return;
  countAdded(run, 1);
  note(run, proof);
}
