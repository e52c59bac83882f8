/** AWS::StepFunctions::StateMachine. */
import type { Shape } from "../door.ts";
import type { ResourceType } from "../resource.ts";
import type { KeptExecutions } from "./kept-executions.ts";
import { createStateMachine } from "./operations/create-state-machine.ts";
import type { ServiceContext } from "./service-context.ts";
import { textOf } from "./wire-text.ts";

export const stateMachineResource = (
  { door, machines }: ServiceContext,
  { restore }: Pick<KeptExecutions, "restore">,
): ResourceType => ({
  honoured: [
    "DefinitionString",
    "Definition",
    "DefinitionSubstitutions",
    "StateMachineName",
    "RoleArn",
    "StateMachineType",
  ],
  ignored: ["LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration", "Tags"],
  replacedBy: ["StateMachineName", "StateMachineType"],
  create(request) {
    const { properties } = request;
    const { StateMachineName: name, StateMachineType: type = "STANDARD", RoleArn: roleArn } = properties;
    const machine = createStateMachine(door, machines, {
      name: typeof name === "string" ? name : request.physicalName(80),
      roleArn: String(roleArn),
      definitionText: definitionOf(properties),
      type: String(type),
    });
    restore(machine);
    const attributes = {
      Arn: machine.arn,
      Name: machine.name,
      StateMachineRevisionId: machine.revisionId,
    };
    return { ref: machine.arn, attributes };
  },
});

/** The definition with its substitutions; a `${Name}` without one stays and is refused by the check. */
function definitionOf({
  DefinitionString: text,
  Definition: object,
  DefinitionSubstitutions,
}: Shape): string {
  const definition = typeof text === "string" ? text : JSON.stringify(object);
  const substitutions = (DefinitionSubstitutions ?? {}) as Shape;
  const replaced = definition.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = substitutions[name];
    return value === undefined ? whole : JSON.stringify(textOf(value)).slice(1, -1);
  });
  const missing = /\$\{([A-Za-z0-9_]+)\}/.exec(replaced);
  if (missing) throw new Error(`DefinitionSubstitutions has no value for ${missing[0]}`);
  return replaced;
}
