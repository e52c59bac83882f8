/** Which state a TestState request means: the definition is a state itself, or one of its states is named. */
import { AwsError, type Shape } from "../../local-aws.ts";
import { diagnose } from "../definition/diagnose.ts";
import { isObject, type Definition, type PlainObject, type State } from "../definition/definition.ts";
import { blocksOf } from "../definition/places.ts";
import { integrationOf } from "../integrations/integration.ts";
import { textOf } from "../wire-text.ts";

export interface TestedState {
  readonly name: string;
  readonly state: State;
  /** A state machine that has the state. */
  readonly definition: Definition;
}

/** AWS calls a state without a name this. */
const UNNAMED = "StateName";
const NEEDS_MOCK =
  "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]";

export function testedState({ definition, stateName }: Shape, isMocked: boolean): TestedState {
  const text = textOf(definition ?? "");
  const given = parsed(text);
  const isMachine = isObject(given) && isObject(given["States"]);
  const machine = isMachine ? given : machineOf(given);
  const name = isMachine ? textOf(stateName ?? "") : textOf(stateName ?? UNNAMED);
  const state = blocksOf(machine).find(({ states }) => Object.hasOwn(states, name))?.states[name];
  if (!state) throw new AwsError("ValidationException", "State not found in definition");
  checkDefinition(machine, isMachine, isMocked);
  checkWithoutMock(state, isMocked);
  // The definition has been checked like that of a state machine.
  return { name, state: state as unknown as State, definition: machine as unknown as Definition };

  function machineOf(alone: unknown): PlainObject {
    const language = isObject(alone) ? alone["QueryLanguage"] : undefined;
    const own = textOf(stateName ?? UNNAMED);
    return {
      ...(language === undefined ? {} : { QueryLanguage: language }),
      StartAt: own,
      States: { [own]: alone },
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(diagnose(text, "STANDARD").map(({ code, message }) => `${code}: ${message}`));
  }
}

const invalid = (findings: readonly string[]): AwsError =>
  new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${findings.join(", ")}'`);

/** A state alone may go to a state that is not there; a mock stands for any resource. */
function checkDefinition(machine: PlainObject, isMachine: boolean, isMocked: boolean): void {
  const findings = diagnose(JSON.stringify(machine), "STANDARD").filter(({ code, message }) => {
    if (code === "MISSING_TRANSITION_TARGET") return isMachine;
    return !(isMocked && message.includes("has no resource"));
  });
  if (findings.length === 0) return;
  throw invalid(
    findings.map(({ code, message, location = "" }) => `${code}: ${message}${location && ` at ${location}`}`),
  );
}

function checkWithoutMock({ Type: type, Resource: resource }: PlainObject, isMocked: boolean): void {
  if (isMocked) return;
  if (type === "Map" || type === "Parallel") throw new AwsError("InvalidDefinition", NEEDS_MOCK);
  const integration = type === "Task" ? integrationOf(textOf(resource)) : undefined;
  if (!integration?.waitsForToken && !integration?.untilDone) return;
  const what = `TestState needs a mock for the resource '${textOf(resource)}'`;
  throw new AwsError("InvalidDefinition", what);
}
