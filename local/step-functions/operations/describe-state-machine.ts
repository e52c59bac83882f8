/** DescribeStateMachine. */
import type { Operation } from "../../door.ts";
import type { ServiceContext } from "../service-context.ts";

export const describeStateMachine = ({ machines }: ServiceContext): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:DescribeStateMachine", resource: String(stateMachineArn) },
  ],
  run({ stateMachineArn }) {
    const { arn, name, roleArn, definitionText, revisionId, createdAtMs } = machines.get(stateMachineArn);
    return {
      stateMachineArn: arn,
      name,
      status: "ACTIVE",
      definition: definitionText,
      roleArn,
      type: "STANDARD",
      creationDate: createdAtMs / 1000,
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      revisionId,
    };
  },
});
