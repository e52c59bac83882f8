/** How a Standard execution is written down when it starts, ends, or is redriven. */
import type { Store } from "../../store/store.ts";
import type { Ended } from "./ending.ts";
import type { Execution } from "./execution.ts";

export const EXECUTIONS = "states.executions";

export interface KeptExecution {
  readonly name: string;
  readonly machineArn: string;
  readonly inputText: string;
  readonly startedAtMs: number;
  readonly redrives: readonly number[];
  readonly ended?: Ended | undefined;
}

export function keepExecution(store: Store, execution: Execution): void {
  const rows = store.rows(EXECUTIONS);
  const { arn, name, machine, inputText, startedAtMs, redrives, ended, mapRun } = execution;
  if (!rows || machine.type !== "STANDARD" || mapRun) return;
  const kept: KeptExecution = { name, machineArn: machine.arn, inputText, startedAtMs, redrives, ended };
  rows.put(arn, JSON.stringify(kept));
}
