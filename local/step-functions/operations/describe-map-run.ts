/** DescribeMapRun. */
import type { Operation, Shape } from "../../door.ts";
import { statusOf } from "../engine/execution.ts";
import type { MapRun } from "../map-runs.ts";
import type { ServiceContext } from "../service-context.ts";

export const describeMapRun = ({ mapRuns }: ServiceContext): Operation => ({
  permissions: ({ mapRunArn }) => [{ action: "states:DescribeMapRun", resource: String(mapRunArn) }],
  run({ mapRunArn }) {
    const run = mapRuns.get(mapRunArn);
    const { arn, parent, status, startedAtMs, endedAtMs, limits, redrives, itemsOfChild } = run;
    const redrivenAtMs = redrives.at(-1);
    return {
      mapRunArn: arn,
      executionArn: parent.arn,
      status,
      startDate: startedAtMs / 1000,
      ...(endedAtMs === undefined ? {} : { stopDate: endedAtMs / 1000 }),
      ...limits,
      itemCounts: countsOf(run, (index) => itemsOfChild[index] ?? 0),
      executionCounts: countsOf(run, () => 1),
      redriveCount: redrives.length,
      ...(redrivenAtMs === undefined ? {} : { redriveDate: redrivenAtMs / 1000 }),
    };
  },
});

const COUNTED = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timedOut",
  ABORTED: "aborted",
} as const;

/** Results count as written once the run has succeeded, also without a ResultWriter. */
function countsOf({ children, status }: MapRun, weight: (index: number) => number): Shape {
  const counts = { pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0, total: 0 };
  for (const [index, child] of children.entries()) {
    counts[child ? COUNTED[statusOf(child)] : "pending"] += weight(index);
    counts.total += weight(index);
  }
  return { ...counts, resultsWritten: status === "SUCCEEDED" ? counts.succeeded : 0 };
}
