/** DescribeMapRun. */
import type { Operation, Shape } from "../../local-aws.ts";
import { begunOf, type Counts, type MapRun } from "../map-runs.ts";
import type { Engine } from "../engine/visit.ts";

export const describeMapRun = ({ mapRuns }: Engine): Operation => ({
  permissions: ({ mapRunArn }) => [{ action: "states:DescribeMapRun", resource: String(mapRunArn) }],
  run({ mapRunArn }) {
    const run = mapRuns.get(mapRunArn);
    const { arn, parent, status, startedAtMs, endedAtMs, limits, redrives, items, executions } = run;
    const redrivenAtMs = redrives.at(-1);
    return {
      mapRunArn: arn,
      executionArn: parent.arn,
      status,
      startDate: startedAtMs / 1000,
      ...(endedAtMs === undefined ? {} : { stopDate: endedAtMs / 1000 }),
      ...limits,
      itemCounts: countsOf(items, items.total - begunOf(items), run.resultsWritten),
      executionCounts: countsOf(executions, pendingExecutions(run), executionsWritten(run)),
      redriveCount: redrives.length,
      ...(redrivenAtMs === undefined ? {} : { redriveDate: redrivenAtMs / 1000 }),
    };
  },
});

/** Batches are bounded by their size too, which is known only when they are made. */
const pendingExecutions = ({ items, itemsPerExecution }: MapRun): number =>
  Math.ceil((items.total - begunOf(items)) / itemsPerExecution);

const executionsWritten = ({ resultsWritten, executions }: MapRun): number =>
  resultsWritten === 0 ? 0 : executions.succeeded;

const countsOf = (
  { running, succeeded, failed, timedOut, aborted }: Counts,
  pending: number,
  resultsWritten: number,
): Shape => {
  const counts = { pending, running, succeeded, failed, timedOut, aborted };
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return { ...counts, total, resultsWritten };
};
