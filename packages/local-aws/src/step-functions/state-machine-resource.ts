/** AWS::StepFunctions::StateMachine. */
import type { LocalAws, Shape } from "../local-aws.ts";
import type { CreatedResource, ResourceType } from "../resource.ts";
import type { KeptExecutions } from "./kept-executions.ts";
import type { Machine } from "./engine/execution.ts";
import type { Machines } from "./machines.ts";
import { createStateMachine, parseDefinition } from "./operations/create-state-machine.ts";
import type { Engine } from "./engine/visit.ts";
import { textOf } from "./wire-text.ts";

export const stateMachineResource = (
  { localAws, machines }: Engine,
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
  namedBy: "StateMachineName",
  remove: (arn) => machines.delete(arn),
  create(request) {
    const { properties, before } = request;
    const { StateMachineName: name, StateMachineType: type = "STANDARD", RoleArn } = properties;
    const roleArn = String(RoleArn);
    const definitionText = definitionOf(properties);
    const existing = before && machines.find(before.ref);
    if (existing) return described(revised(localAws, machines, existing, { roleArn, definitionText }));
    const machine = createStateMachine(localAws, machines, {
      name: typeof name === "string" ? name : request.physicalName(80),
      roleArn,
      definitionText,
      type: String(type),
    });
    restore(machine);
    return described(machine);
  },
});

const described = ({ arn: Arn, name: Name, revisionId }: Machine): CreatedResource => ({
  ref: Arn,
  attributes: { Arn, Name, StateMachineRevisionId: revisionId },
});

/** Running executions keep the definition and the role that they were started with. */
function revised(
  { clock }: LocalAws,
  machines: Machines,
  machine: Machine,
  { roleArn, definitionText }: Pick<Machine, "roleArn" | "definitionText">,
): Machine {
  const definition = parseDefinition(definitionText, machine.type);
  return machines.update(machine, { roleArn, definitionText, definition, updatedAtMs: clock.now() });
}

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
