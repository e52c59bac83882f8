/** CreateStateMachine: Standard, JSONata. What the local engine cannot run is refused here, by name. */
import { AwsError, type Door, type Operation } from "../../door.ts";
import type { Definition } from "../definition/definition.ts";
import { unsupportedParts } from "../definition/unsupported-parts.ts";
import { refusedParts } from "../definition/validate-definition.ts";
import type { Machine, Machines } from "../machines.ts";
import type { ServiceContext } from "../service-context.ts";
import { checkName } from "./names.ts";

export interface MachineRequest {
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly type: string;
}

export const createStateMachineOperation = ({ door, machines }: ServiceContext): Operation => ({
  permissions: ({ name }) => [
    { action: "states:CreateStateMachine", resource: door.arn("states", `stateMachine:${String(name)}`) },
  ],
  quota: { perSecond: 1, burst: 100 },
  run({ name, roleArn, definition, type = "STANDARD" }) {
    const request = {
      name: checkName(name),
      roleArn: String(roleArn),
      definitionText: String(definition),
      type: String(type),
    };
    const { arn, createdAtMs } = createStateMachine(door, machines, request);
    return { stateMachineArn: arn, creationDate: createdAtMs / 1000 };
  },
});

export function createStateMachine(door: Door, machines: Machines, request: MachineRequest): Machine {
  const { name, roleArn, definitionText, type } = request;
  if (type !== "STANDARD") {
    throw new AwsError(
      "ValidationException",
      `The local Step Functions has no state machines of type ${type}`,
    );
  }
  const definition = parseDefinition(definitionText);
  const arn = door.arn("states", `stateMachine:${name}`);
  const existing = machines.find(arn);
  if (!existing) {
    return machines.add({ arn, name, roleArn, definitionText, definition, createdAtMs: door.clock.now() });
  }
  if (existing.definitionText === definitionText && existing.roleArn === roleArn) return existing;
  throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
}

function parseDefinition(text: string): Definition {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid([`INVALID_JSON_DESCRIPTION: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const unsupported = unsupportedParts(parsed);
  const findings = unsupported.length > 0 ? unsupported : refusedParts(parsed);
  if (findings.length > 0) throw invalid(findings);
  // The two checks above have looked at every field that the engine reads.
  return parsed as Definition;
}

const invalid = (findings: readonly string[]): AwsError =>
  new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${findings.join(", ")}'`);
