/** DescribeStateMachineForExecution: the revision that the execution was started with. */
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { machineDetails } from "./describe-state-machine.ts";

export const describeStateMachineForExecution = ({ machines }: Engine): Operation => ({
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
