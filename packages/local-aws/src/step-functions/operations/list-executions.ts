/** ListExecutions: the newest first. */
import { AwsError, type Operation, type Shape } from "../../local-aws.ts";
import { statusOf, type Execution } from "../engine/execution.ts";
import type { Engine } from "../engine/visit.ts";
import { checkEnum, WRONG_TYPE } from "./constraints.ts";
import { pageOf } from "./pages.ts";

export const listExecutions = (context: Engine): Operation => ({
  permissions: ({ stateMachineArn, mapRunArn }) => [
    { action: "states:ListExecutions", resource: String(stateMachineArn ?? mapRunArn) },
  ],
  quota: { perSecond: 5, burst: 200 },
  run(input) {
    const { statusFilter, redriveFilter } = input;
    const status = checkEnum("statusFilter", statusFilter, STATUSES);
    const redriven = checkEnum("redriveFilter", redriveFilter, ["REDRIVEN", "NOT_REDRIVEN"]);
    const matching = executionsOf(context, input).filter(
      (each) =>
        (status === undefined || statusOf(each) === status) &&
        (redriven === undefined || each.redrives.length > 0 === (redriven === "REDRIVEN")),
    );
    const { page, token } = pageOf(matching.toReversed(), input, keyOf);
    return { executions: page.map(summaryOf), ...token };
  },
});

const STATUSES = ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"] as const;

/** Of a state machine or of a Map Run. */
function executionsOf({ machines, mapRuns }: Engine, input: Shape): readonly Execution[] {
  const { stateMachineArn, mapRunArn, redriveFilter } = input;
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw new AwsError("ValidationException", "Exactly one of 'stateMachineArn' and 'mapRunArn' is needed");
  }
  if (mapRunArn !== undefined) return mapRuns.get(mapRunArn).machine.executions;
  if (redriveFilter !== undefined) {
    throw new AwsError("ValidationException", "'redriveFilter' can only be used with 'mapRunArn'");
  }
  const { type, executions } = machines.get(stateMachineArn);
  if (type === "STANDARD") return executions;
  throw new AwsError("StateMachineTypeNotSupported", WRONG_TYPE);
}

/** A name can be used again after 90 days; the time tells its executions apart. */
const keyOf = ({ arn, startedAtMs }: Execution): string => `${arn}@${startedAtMs}`;

function summaryOf(execution: Execution): Shape {
  const { arn, name, machine, startedAtMs, ended, redrives, mapRun } = execution;
  const redrivenAtMs = redrives.at(-1);
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status: statusOf(execution),
    startDate: startedAtMs / 1000,
    ...(ended ? { stopDate: ended.atMs / 1000 } : {}),
    redriveCount: redrives.length,
    ...(redrivenAtMs === undefined ? {} : { redriveDate: redrivenAtMs / 1000 }),
    ...(mapRun ? { mapRunArn: mapRun.arn, itemCount: mapRun.itemCount } : {}),
  };
}
