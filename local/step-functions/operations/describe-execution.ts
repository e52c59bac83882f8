/** DescribeExecution. */
import type { Operation } from "../../door.ts";
import { statusOf } from "../engine/execution.ts";
import { redriveOf } from "../redrive.ts";
import type { ServiceContext } from "../service-context.ts";

export const describeExecution = ({ machines }: ServiceContext): Operation => ({
  permissions: ({ executionArn }) => [{ action: "states:DescribeExecution", resource: String(executionArn) }],
  quota: { perSecond: 15, burst: 300 },
  run(input) {
    const execution = machines.execution(input["executionArn"]);
    const { arn, name, machine, inputText, startedAtMs, ended } = execution;
    const { output, error, cause } = ended ?? {};
    const { redriveStatus, redriveStatusReason } = redriveOf(statusOf(execution));
    const included = { included: true };
    return {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status: statusOf(execution),
      startDate: startedAtMs / 1000,
      ...(ended ? { stopDate: ended.atMs / 1000 } : {}),
      input: inputText,
      inputDetails: included,
      ...(output === undefined ? {} : { output, outputDetails: included }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
      redriveCount: 0,
      redriveStatus,
      ...(redriveStatus === "REDRIVABLE" ? {} : { redriveStatusReason }),
    };
  },
});
