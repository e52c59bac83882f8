/** DescribeStateMachine. */
import type { Operation, Shape } from "../../local-aws.ts";
import { variableReferences } from "../definition/variable-references.ts";
import type { Machine } from "../engine/execution.ts";
import type { Engine } from "../engine/visit.ts";

export const describeStateMachine = ({ machines }: Engine): Operation => ({
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

/** As DescribeStateMachineForExecution shows it too. */
export function machineDetails(machine: Machine): Shape {
  const { arn, name, roleArn, definitionText, definition, revisionId, updatedAtMs, label } = machine;
  const references = variableReferences(definition);
  return {
    stateMachineArn: arn,
    name,
    definition: definitionText,
    roleArn,
    loggingConfiguration: { level: "OFF", includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    ...(label === undefined ? {} : { label }),
    // A state machine that has not been updated has no revision to show.
    ...(updatedAtMs === undefined ? {} : { revisionId }),
    ...(Object.keys(references).length === 0 ? {} : { variableReferences: references }),
  };
}
