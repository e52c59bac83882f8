/** DescribeStateMachineForExecution: the revision that the execution was started with. */
import type { Operation } from "../../local-aws.ts";
import type { ServiceContext } from "../service-context.ts";
import { machineDetails } from "./machine-details.ts";

export const describeStateMachineForExecution = ({ machines }: ServiceContext): Operation => ({
  permissions: ({ executionArn }) => [
    { action: "states:DescribeStateMachineForExecution", resource: String(executionArn) },
  ],
  run({ executionArn }) {
    const { machine, mapRun } = machines.executionOfAnyType(executionArn);
    const { createdAtMs, updatedAtMs = createdAtMs } = machine;
    return {
      ...machineDetails(machine),
      updateDate: updatedAtMs / 1000,
      ...(mapRun ? { mapRunArn: mapRun.arn } : {}),
    };
  },
});
