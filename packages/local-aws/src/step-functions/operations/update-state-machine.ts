/** UpdateStateMachine. Running executions keep the definition and the role that they were started with. */
import { AwsError, type Operation } from "../../local-aws.ts";
import type { Revision } from "../machines.ts";
import type { Engine } from "../engine/visit.ts";
import { textOf } from "../wire-text.ts";
import { NO_VERSIONS, parseDefinition } from "./create-state-machine.ts";
import { checkRole } from "./constraints.ts";

const CONFIGURATIONS = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];

export const updateStateMachine = ({ localAws, machines }: Engine): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:UpdateStateMachine", resource: String(stateMachineArn) },
  ],
  quota: { perSecond: 1, burst: 100 },
  run(input) {
    const { stateMachineArn, definition, roleArn, publish } = input;
    const machine = machines.get(stateMachineArn);
    if (machines.isDeleting(machine.arn)) {
      throw new AwsError("StateMachineDeleting", `State Machine is being deleted: '${machine.arn}'`);
    }
    if (publish === true) throw new AwsError("ValidationException", NO_VERSIONS);
    const given = [definition, roleArn, ...CONFIGURATIONS.map((name) => input[name])];
    if (given.every((each) => each === undefined)) {
      throw new AwsError("MissingRequiredParameter", NOTHING_TO_UPDATE);
    }
    const changes: Revision = {
      ...(definition === undefined ? {} : definitionOf(textOf(definition), machine.type)),
      ...(roleArn === undefined ? {} : { roleArn: checkRole(roleArn) }),
    };
    const updatedAtMs = localAws.clock.now();
    const isSame =
      (changes.definitionText ?? machine.definitionText) === machine.definitionText &&
      (changes.roleArn ?? machine.roleArn) === machine.roleArn;
    const updated =
      isSame && machine.updatedAtMs !== undefined
        ? machine
        : machines.update(machine, { ...changes, updatedAtMs });
    return { updateDate: updatedAtMs / 1000, revisionId: updated.revisionId };
  },
});

const NOTHING_TO_UPDATE =
  "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";

const definitionOf = (definitionText: string, type: "STANDARD" | "EXPRESS"): Revision => ({
  definitionText,
  definition: parseDefinition(definitionText, type),
});
