/** ListExecutions: of one state machine, the newest first. */
import type { Operation, Shape } from "../../door.ts";
import { statusOf, type Execution } from "../engine/execution.ts";
import type { ServiceContext } from "../service-context.ts";
import { pageOf } from "./pages.ts";

export const listExecutions = ({ machines }: ServiceContext): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:ListExecutions", resource: String(stateMachineArn) },
  ],
  quota: { perSecond: 5, burst: 200 },
  run(input) {
    const { executions } = machines.get(input["stateMachineArn"]);
    const wanted = input["statusFilter"];
    const matching = executions.filter((each) => wanted === undefined || statusOf(each) === wanted);
    const { page, token } = pageOf(matching.toReversed(), input, keyOf);
    return { executions: page.map(summaryOf), ...token };
  },
});

/** A name can be used again after 90 days; the time tells its executions apart. */
const keyOf = ({ arn, startedAtMs }: Execution): string => `${arn}@${startedAtMs}`;

function summaryOf(execution: Execution): Shape {
  const { arn, name, machine, startedAtMs, ended } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status: statusOf(execution),
    startDate: startedAtMs / 1000,
    ...(ended ? { stopDate: ended.atMs / 1000 } : {}),
    redriveCount: 0,
  };
}
