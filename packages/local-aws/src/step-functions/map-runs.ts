/** Map Runs: what a distributed Map is doing, or has done, in child executions. */
import { AwsError, type Json } from "../local-aws.ts";
import type { Execution, Machine } from "./engine/execution.ts";
import { checkedArn } from "./machines.ts";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

export interface MapRunLimits {
  /** 0 means the 10,000 that AWS allows. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  /** Undefined: only the count decides; if neither is given, no failure is tolerated. */
  readonly toleratedFailurePercentage: number;
}

/** How many are in each state, of items or of child executions. */
export interface Counts {
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
}

/** What one child begins with. */
export interface ChildInput {
  readonly input: Json;
  readonly itemCount: number;
}

/** Where the results of children go. */
export interface MapResults {
  /** Takes the result of a child that has ended. */
  add(index: number, child: Execution): void;
  /** A child that never began. */
  addPending(input: Json): void;
  /** Writes the files that are full. */
  writeFull(mapRunArn: string): Promise<void>;
  /** After the last child: writes what is left. */
  close(mapRunArn: string): Promise<void>;
  /** The output of the Map. */
  output(mapRunArn: string): Json;
}

export interface MapRun {
  readonly arn: string;
  readonly parent: Execution;
  /** The state machine of the children. */
  readonly machine: Machine;
  readonly limits: MapRunLimits;
  readonly startedAtMs: number;
  readonly items: Counts & { readonly total: number };
  /** Batches that have not begun are made only when there is room for them. */
  readonly executions: Counts;
  readonly itemsPerExecution: number;
  /** The inputs of all children from the first one on, made as they are asked for. */
  readonly openInputs: () => AsyncIterator<ChildInput>;
  readonly running: Map<number, Execution>;
  /** Ended otherwise than by success: what a redrive begins with. */
  readonly unsuccessful: Map<number, Execution>;
  readonly results: MapResults;
  /** How many children have begun, the place of the next one. */
  begun: number;
  resultsWritten: number;
  status: MapRunStatus;
  endedAtMs?: number;
  redrives: number[];
}

export const noCounts = (): Counts => ({ running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 });

export const begunOf = ({ running, succeeded, failed, timedOut, aborted }: Counts): number =>
  running + succeeded + failed + timedOut + aborted;

export interface MapRuns {
  add(run: MapRun): void;
  get(arn: unknown): MapRun;
  of(executionArn: string): readonly MapRun[];
}

export function createMapRuns(): MapRuns {
  const runs = new Map<string, MapRun>();
  return {
    add: (run) => void runs.set(run.arn, run),
    of: (executionArn) => [...runs.values()].filter(({ parent }) => parent.arn === executionArn),
    get(arn) {
      const text = checkedArn(arn, "mapRun");
      const found = runs.get(text);
      if (found) return found;
      throw new AwsError("ResourceNotFound", `Resource not found: '${text}'`, 400, { resourceName: text });
    },
  };
}
