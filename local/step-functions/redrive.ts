/** Whether an execution could be redriven, in the words of DescribeExecution and of the status event. */
import type { ExecutionStatus } from "./engine/execution.ts";

export function redriveOf(status: ExecutionStatus): { redriveStatus: string; redriveStatusReason: string } {
  return status === "RUNNING" || status === "SUCCEEDED"
    ? {
        redriveStatus: "NOT_REDRIVABLE",
        redriveStatusReason: `Execution is ${status} and cannot be redriven`,
      }
    : { redriveStatus: "REDRIVABLE", redriveStatusReason: `Execution is ${status} and is redrivable` };
}
