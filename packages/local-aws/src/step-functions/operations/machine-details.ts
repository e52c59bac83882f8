/** What DescribeStateMachine and DescribeStateMachineForExecution have in common. */
import type { Machine } from "../engine/execution.ts";
import type { Shape } from "../../local-aws.ts";
import { variableReferences } from "../definition/variable-references.ts";

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
