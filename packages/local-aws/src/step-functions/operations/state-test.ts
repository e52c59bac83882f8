/** One attempt at a single state, outside of any execution that could be seen. */
import type { Json, Shape } from "../../local-aws.ts";
import { createExecution, type Execution, type Machine } from "../engine/execution.ts";
import { createExpressions } from "../engine/expression.ts";
import type { Exit } from "../engine/exit.ts";
import { isObject } from "../definition/definition.ts";
import { attempt, exitWithResult } from "../engine/run-states.ts";
import { StateError } from "../engine/state-error.ts";
import { evaluate, evaluateNumber, type Engine, type Scope, type Visit } from "../engine/visit.ts";
import { newId } from "../randomness.ts";
import type { Mock } from "./mock-result.ts";
import type { TestedState } from "./tested-state.ts";

export interface StateTestRequest extends TestedState {
  readonly mock: Mock | undefined;
  readonly roleArn: string;
  readonly inputText: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly configuration: Shape;
  readonly context: Shape | undefined;
}

export interface StateTest {
  readonly visit: Visit;
  readonly configuration: Shape;
  attempt(): Promise<Exit>;
  outputText(exit: Exit): string;
  inspectionData(exit?: Exit): Shape;
}

export function openStateTest(engine: Engine, request: StateTestRequest): StateTest {
  const visit = visitOf(engine, request);
  const { mock, state, inputText, configuration } = request;
  const inspected: Shape = {};
  return {
    visit,
    configuration,
    async attempt() {
      if (mock) return mockedAttempt(visit, mock, configuration, inspected);
      return attempt(visit);
    },
    /** What nothing has changed comes back as it was given. */
    outputText(exit) {
      const rule =
        state.Type === "Choice" ? (state.Choices ?? []).find(({ Next }) => Next === exit.next) : state;
      if ((rule ?? state).Output !== undefined) return JSON.stringify(exit.output);
      if (mock?.resultText !== undefined) return mock.resultText;
      return JSON.stringify(exit.output) === JSON.stringify(visit.input)
        ? inputText
        : JSON.stringify(exit.output);
    },
    inspectionData(exit) {
      const variables = { ...request.variables, ...exit?.assigned };
      return {
        input: inputText,
        ...jsonPathSteps(visit, inputText),
        ...calledWith(visit.scope.execution),
        ...inspected,
        ...(Object.keys(variables).length === 0 ? {} : { variables: JSON.stringify(variables) }),
      };
    },
  };
}

function visitOf(engine: Engine, request: StateTestRequest): Visit {
  const { name, state, inputText, definition, variables, configuration, context } = request;
  const { clock } = engine.localAws;
  const machine = machineOf(engine, request);
  const executionName = newId();
  const arn = `${machine.arn.replace(":stateMachine:", ":express:")}:${executionName}`;
  const onEnd = (): void => undefined;
  const execution = createExecution({
    clock,
    arn,
    name: executionName,
    machine,
    inputText,
    given: context,
    onEnd,
  });
  const scope: Scope = {
    engine,
    execution,
    block: definition,
    chain: { last: 0 },
    signal: execution.signal,
    variables,
  };
  const retryCount = Number(configuration["retrierRetryCount"] ?? 0);
  // No event says that the state was entered: causes do not mention one.
  return {
    scope,
    name,
    state,
    input: execution.input,
    enteredAtMs: clock.now(),
    enteredEventId: 0,
    retryCount,
  };
}

function machineOf({ localAws }: Engine, { definition, roleArn }: StateTestRequest): Machine {
  const name = newId();
  return {
    arn: localAws.arn("states", `stateMachine:${name}`),
    name,
    type: "EXPRESS",
    roleArn,
    definition,
    definitionText: JSON.stringify(definition),
    expressions: createExpressions(),
    revisionId: "",
    createdAtMs: localAws.clock.now(),
    executions: [],
    byName: new Map(),
    tags: new Map(),
  };
}

/** Evaluates what comes before the call, then takes the mock for its result. */
async function mockedAttempt(
  visit: Visit,
  mock: Mock,
  configuration: Shape,
  inspected: Shape,
): Promise<Exit> {
  const { state } = visit;
  if (state.Type === "Map") await inspectMap(visit, configuration, inspected);
  else await inspectArguments(visit, inspected);
  if (mock.failure) throw mock.failure;
  if (state.Type !== "Map" && mock.resultText !== undefined) inspected["result"] = mock.resultText;
  return exitWithResult(visit, mock.result ?? null);
}

async function inspectArguments(visit: Visit, inspected: Shape): Promise<void> {
  const { Arguments: template, Resource = "" } = visit.state;
  if (template === undefined) return;
  const taskToken = Resource.endsWith(".waitForTaskToken") ? { taskToken: newId() } : {};
  inspected["afterArguments"] = JSON.stringify(await evaluate(visit, "Arguments", template, taskToken));
}

async function inspectMap(visit: Visit, configuration: Shape, inspected: Shape): Promise<void> {
  const { state } = visit;
  const whole = { least: 0, most: Number.MAX_SAFE_INTEGER };
  const limit = async (
    field: "ToleratedFailureCount" | "ToleratedFailurePercentage",
    range: typeof whole,
  ) => {
    const template = state[field];
    if (template === undefined) return undefined;
    const value = await evaluateNumber(visit, field, template, { ...range, whole: range.most !== 100 });
    inspected[`t${field.slice(1)}`] = value;
    return value;
  };
  const items = await evaluate(visit, "Items", state.Items ?? "{% $states.input %}");
  inspected["maxConcurrency"] = await evaluateNumber(
    visit,
    "MaxConcurrency",
    state.MaxConcurrency ?? 0,
    whole,
  );
  const count = await limit("ToleratedFailureCount", whole);
  const percentage = await limit("ToleratedFailurePercentage", { least: 0, most: 100 });
  if (state.ItemSelector !== undefined && Array.isArray(items)) {
    inspected["afterItemSelector"] = JSON.stringify(await selected(visit, items));
  }
  if (count === undefined && percentage === undefined) return;
  const failed = Number(configuration["mapIterationFailureCount"] ?? 0);
  const total = Array.isArray(items) ? items.length : 0;
  if (failed <= Math.max(count ?? 0, (total * (percentage ?? 0)) / 100)) return;
  const cause = "The specified tolerated failure threshold was exceeded";
  throw new StateError("States.ExceedToleratedFailureThreshold", cause);
}

async function selected(visit: Visit, items: readonly Json[]): Promise<Json[]> {
  const inputs: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    const scope = { ...visit.scope, item: { Index, Value } };
    inputs.push(await evaluate({ ...visit, scope }, "ItemSelector", visit.state.ItemSelector ?? null));
  }
  return inputs;
}

/** What a real call has been given, and what came back, from the events that it has written. */
function calledWith({ history }: Execution): Shape {
  const member = (type: string, name: string): unknown => {
    const event = history.events.find((each) => each.type === type);
    const details = Object.values(event ?? {}).find(isObject);
    return details?.[name];
  };
  const given = member("TaskScheduled", "parameters") ?? member("LambdaFunctionScheduled", "input");
  const result = member("TaskSucceeded", "output") ?? member("LambdaFunctionSucceeded", "output");
  return {
    ...(given === undefined ? {} : { afterArguments: given }),
    ...(result === undefined ? {} : { result }),
  };
}

/** A state that means the same in JSONPath shows the steps of that language. */
function jsonPathSteps({ state, scope }: Visit, inputText: string): Shape {
  if ((state.QueryLanguage ?? scope.execution.machine.definition.QueryLanguage) === "JSONata") return {};
  if (state.Type !== "Pass") return { afterInputPath: inputText };
  const steps = ["afterInputPath", "afterParameters", "afterResultSelector", "afterResultPath"];
  return Object.fromEntries(steps.map((step) => [step, inputText]));
}
