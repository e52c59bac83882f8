/** DescribeExecution. */
import type { Operation } from "../../local-aws.ts";
import { statusOf } from "../engine/execution.ts";
import { redriveOf } from "../redrive.ts";
import type { Engine } from "../engine/visit.ts";

export const describeExecution = ({ machines, localAws }: Engine): Operation => ({
  permissions: ({ executionArn }) => [{ action: "states:DescribeExecution", resource: String(executionArn) }],
  quota: { perSecond: 15, burst: 300 },
  run(input) {
    const execution = machines.executionOfAnyType(input["executionArn"]);
    const { arn, name, machine, inputText, startedAtMs, ended, redrives, mapRun } = execution;
    const { output, error, cause } = ended ?? {};
    const { redriveStatus, redriveStatusReason } = redriveOf(execution, localAws.clock.now());
    const withData = input["includedData"] !== "METADATA_ONLY";
    const included = { included: withData };
    const redrivenAtMs = redrives.at(-1);
    return {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status: statusOf(execution),
      startDate: startedAtMs / 1000,
      ...(ended ? { stopDate: ended.atMs / 1000 } : {}),
      ...(withData ? { input: inputText } : {}),
      inputDetails: included,
      ...(output === undefined || !withData ? {} : { output }),
      ...(output === undefined ? {} : { outputDetails: included }),
      ...(error === undefined || !withData ? {} : { error }),
      ...(cause === undefined || !withData ? {} : { cause }),
      ...(mapRun ? { mapRunArn: mapRun.arn } : {}),
      redriveCount: redrives.length,
      ...(redrivenAtMs === undefined ? {} : { redriveDate: redrivenAtMs / 1000 }),
      redriveStatus,
      ...(redriveStatus === "REDRIVABLE" ? {} : { redriveStatusReason }),
    };
  },
});
