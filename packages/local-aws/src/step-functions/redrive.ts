/** Whether an execution could be redriven, in the words of DescribeExecution and of the status event. */
import { statusOf, type Execution } from "./engine/execution.ts";
import { MAX_HISTORY_EVENTS } from "./engine/history.ts";

const REDRIVABLE_MS = 14 * 24 * 3_600_000;

export interface Redrivable {
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE";
  readonly redriveStatusReason: string;
}

export function redriveOf(execution: Execution, nowMs: number): Redrivable {
  const status = statusOf(execution);
  const { ended, history } = execution;
  const not = (redriveStatusReason: string): Redrivable => ({
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason,
  });
  if (status === "RUNNING" || status === "SUCCEEDED") {
    return not(`Execution is ${status} and cannot be redriven`);
  }
  if (execution.isRestored) return not("Execution is of an earlier run of the local runtime");
  if (history.events.length >= MAX_HISTORY_EVENTS - 1) return not("Execution history event limit exceeded");
  if (nowMs - (ended?.atMs ?? nowMs) > REDRIVABLE_MS) return not("Execution redrivable period exceeded");
  return { redriveStatus: "REDRIVABLE", redriveStatusReason: `Execution is ${status} and is redrivable` };
}
