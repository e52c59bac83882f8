/** DescribeStateMachine. */
import type { Operation } from "../../local-aws.ts";
import type { ServiceContext } from "../service-context.ts";
import { machineDetails } from "./machine-details.ts";

export const describeStateMachine = ({ machines }: ServiceContext): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:DescribeStateMachine", resource: String(stateMachineArn) },
  ],
  run({ stateMachineArn }) {
    const machine = machines.get(stateMachineArn);
    return {
      ...machineDetails(machine),
      status: machines.isDeleting(machine.arn) ? "DELETING" : "ACTIVE",
      type: machine.type,
      creationDate: machine.createdAtMs / 1000,
    };
  },
});
