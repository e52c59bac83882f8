/** Map Runs: what a distributed Map is doing, or has done, in child executions. */
import { AwsError } from "../door.ts";
import type { Execution } from "./engine/execution.ts";
import { checkedArn, type Machine } from "./machines.ts";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

export interface MapRunLimits {
  /** 0 means the 10,000 that AWS allows. */
  maxConcurrency: number;
  toleratedFailureCount: number;
  /** Undefined: only the count decides; if neither is given, no failure is tolerated. */
  toleratedFailurePercentage: number;
}

export interface MapRun {
  readonly arn: string;
  readonly parent: Execution;
  /** The state machine of the children. */
  readonly machine: Machine;
  readonly limits: MapRunLimits;
  readonly startedAtMs: number;
  /** One for each batch; undefined until it has been started. */
  readonly children: (Execution | undefined)[];
  /** How many items each child has. */
  readonly itemsOfChild: readonly number[];
  status: MapRunStatus;
  endedAtMs?: number;
  redrives: number[];
  /** Called when UpdateMapRun has changed the limits. */
  onUpdate: () => void;
}

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
