/** One run of the keeper: its tools, what it has done, and what it has found but not yet tended. */
import type { KeeperState, PoolBounds } from "./pool-keeper.ts";
import type { PooledStage, StageStatus } from "./stage-pool.ts";
import type { Doubts } from "../../hint-queues.ts";
import type { IvsStages, ListedStage } from "../ivs-stages.ts";
import type { KeeperRow } from "./keeper-row.ts";
import type { RemoverWatch } from "../../../store/removal-store.ts";
import type { DueQuery, StageRecords, StageStore } from "./stage-store.ts";
import type { CallStore } from "../../../call/change-call.ts";
import { type RuntimeInputs, logger } from "../../../edge/handler.ts";
import { type IvsOperation, openPace, type Pace } from "./pace.ts";

export interface KeepStages extends PoolBounds {
  readonly stages: StageStore;
  readonly ivs: IvsStages;
  readonly calls: Pick<CallStore, "read">;
  readonly doubts: Doubts;
  readonly row: KeeperRow;
  readonly remover: RemoverWatch;
  readonly edge: RuntimeInputs;
}

/** A resting stage whose last token has expired, but whose session may still have participants. */
export interface InSession {
  readonly stage: PooledStage;
  readonly sessionId: string;
}

export interface Run extends KeepStages {
  readonly beganAtMs: number;
  readonly pace: Pace;
  readonly done: Record<string, number>;
  /** Errors other than throttling: the run goes on, and fails at its end. */
  readonly failures: unknown[];
  state: KeeperState;
  /** The number of stages with a record, and of those that leave the pool. */
  size: number;
  retiring: number;
  /** The statuses that existed when the run began. */
  readonly counts: Readonly<Record<StageStatus, number>>;
  /** The least number of free stages, as far as they were counted. */
  leastFree: number;
  hinted: number;
  /** In this second a stage was requested, and more may be wanted. */
  asking: boolean;
  /** Ids in an index whose record is gone or cannot be read: not tried again in this run. */
  readonly skipped: Set<string>;
  /** Those of them that cannot be read. */
  readonly unreadable: Set<string>;
  /** Found by the rounds through IVS's stages. */
  unrecorded: ListedStage[];
  lurkedOn: PooledStage[];
  inSession: InSession[];
  /** Recorded, and not listed by IVS. */
  unlisted: string[];
  /** All stages that the present round has listed, if it began in this run. */
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

/** The run goes on with everything else, and fails at its end. */
export function fail(run: Run, what: string, error: unknown, about: Record<string, unknown> = {}): void {
  run.failures.push(error);
  note(run, "failed");
  logger.error(what, { ...about, error: error as Error });
}

/** One request to IVS within its pace. `not now`: this second has none left, IVS throttles, or the request failed. */
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

/** Free stages that the keeper added or took do not count as demand. */
export const countAdded = (run: Run, amount: number): void =>
  void (run.state = { ...run.state, added: run.state.added + amount });

/** A record that cannot be read is counted and delays no other. */
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

/** A stage that no participant of its last call can be on any more. */
export async function free(run: Run, stage: PooledStage, next: PooledStage, proof: string): Promise<void> {
  if (!(await run.stages.replace(stage, next))) return;
  countAdded(run, 1);
  note(run, proof);
}
