/** CreateStateMachine: Standard and Express, JSONata. What the local engine cannot run is refused here, by name. */
import type { Machine } from "../engine/execution.ts";
import { AwsError, type LocalAws, type Operation } from "../../local-aws.ts";
import type { Definition, MachineType } from "../definition/definition.ts";
import { diagnose } from "../definition/diagnose.ts";
import type { Machines } from "../machines.ts";
import type { Engine } from "../engine/visit.ts";
import { checkLength, checkName, checkPresent, checkRole, enumProblem } from "./constraints.ts";
import { checkedTags } from "./tag-resource.ts";

const MAX_DEFINITION_CHARACTERS = 1_048_576;
export const NO_VERSIONS = "The local Step Functions has no versions and aliases: 'publish' is not supported";

export interface MachineRequest {
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly type: string;
}

export const createStateMachineOperation = ({ localAws, machines }: Engine): Operation => ({
  permissions: ({ name }) => [
    { action: "states:CreateStateMachine", resource: localAws.arn("states", `stateMachine:${String(name)}`) },
  ],
  quota: { perSecond: 1, burst: 100 },
  run({ name, roleArn, definition, type = "STANDARD", tags, publish }) {
    if (publish === true) throw new AwsError("ValidationException", NO_VERSIONS);
    for (const [at, value] of Object.entries({ name, definition, roleArn })) checkPresent(at, value);
    const request = {
      name: checkName(name),
      roleArn: checkRole(roleArn),
      definitionText: String(definition),
      type: String(type),
    };
    const machine = createStateMachine(localAws, machines, request);
    const { arn, createdAtMs } = machine;
    for (const [key, value] of checkedTags(tags ?? [])) machine.tags.set(key, value);
    return { stateMachineArn: arn, creationDate: createdAtMs / 1000 };
  },
});

export function createStateMachine(localAws: LocalAws, machines: Machines, request: MachineRequest): Machine {
  const { name, roleArn, definitionText, type } = request;
  if (type !== "STANDARD" && type !== "EXPRESS") {
    throw new AwsError("ValidationException", enumProblem("type", type, ["STANDARD", "EXPRESS"]));
  }
  const definition = parseDefinition(definitionText, type);
  const arn = localAws.arn("states", `stateMachine:${name}`);
  const existing = machines.find(arn);
  if (!existing) {
    const createdAtMs = localAws.clock.now();
    return machines.add({ arn, name, type, roleArn, definitionText, definition, createdAtMs });
  }
  if (machines.isDeleting(arn)) {
    throw new AwsError("StateMachineDeleting", `State Machine is being deleted: '${arn}'`);
  }
  const isSame = existing.definitionText === definitionText && existing.roleArn === roleArn;
  if (isSame && existing.type === type) return existing;
  throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
}

/** Throws InvalidDefinition with everything that is wrong. */
export function parseDefinition(text: string, type: MachineType): Definition {
  checkLength("definition", text, MAX_DEFINITION_CHARACTERS);
  const findings = diagnose(text, type);
  if (findings.length > 0) {
    const listed = findings.map(({ code, message, location }) =>
      location === undefined ? `${code}: ${message}` : `${code}: ${message} at ${location}`,
    );
    const all = listed.join(", ");
    throw new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${all}'`);
  }
  // The checks have looked at every field that the engine reads.
  return JSON.parse(text) as Definition;
}
