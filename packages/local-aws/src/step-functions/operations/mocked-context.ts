/** The context object that a TestState request may bring. */
import { AwsError, type Shape } from "../../local-aws.ts";
import { isObject, type State } from "../definition/definition.ts";
import { textOf } from "../wire-text.ts";

const MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Execution: {
    Id: "string",
    Input: "any",
    Name: "string",
    RoleArn: "string",
    StartTime: "string",
    RedriveCount: "number",
    RedriveTime: "string",
  },
  State: { EnteredTime: "string", Name: "string", RetryCount: "number" },
  StateMachine: { Id: "string", Name: "string" },
  Task: { Token: "string" },
};
const NO_TASK =
  "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern";

export function checkMockedContext(context: unknown, state: State): Shape | undefined {
  if (context === undefined) return undefined;
  const parsed = parse(textOf(context));
  for (const [name, value] of Object.entries(parsed)) checkMember(name, value);
  const waits = state.Type === "Task" && /\.(?:sync|sync:2|waitForTaskToken)$/.test(state.Resource ?? "");
  if (parsed["Task"] !== undefined && !waits) throw refused(NO_TASK);
  return parsed;
}

function parse(text: string): Shape {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {
    // Refused below like any other text that is no object.
  }
  throw refused("Context object must be a JSON object");
}

const refused = (reason: string): AwsError =>
  new AwsError("ValidationException", `Invalid Context object provided: ${reason}`);

function checkMember(name: string, value: unknown): void {
  if (name === "Map") throw refused("'Map' field is not supported when mocking a Context object");
  const members = MEMBERS[name];
  if (!members) throw refused(`Field '${name}' is not allowed`);
  if (!isObject(value)) throw refused(`${name} must be an object`);
  for (const [member, given] of Object.entries(value)) {
    const type = members[member];
    if (type === undefined) throw refused(`Field '${member}' is not allowed`);
    if (type !== "any" && typeof given !== type) throw refused(`${name}.${member} must be a ${type}`);
  }
}
