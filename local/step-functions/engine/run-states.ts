/** Runs a set of states from its beginning to its end: enter, do, exit or catch, go on. */
import type { Json, Shape } from "../../door.ts";
import type { State } from "../definition/definition.ts";
import { runChoice } from "./choice-state.ts";
import { exitBy, type Exit } from "./exit.ts";
import { NOT_TRUNCATED } from "./history.ts";
import { runParallel } from "./parallel-state.ts";
import { limitedJson } from "./payload-limit.ts";
import { withRetry } from "./retry.ts";
import { RUNTIME, StateError, errorOutput, matchesError } from "./state-error.ts";
import { runTask } from "./task-state.ts";
import { runWait } from "./wait-state.ts";
import { evaluate, record, type Scope, type Visit } from "./visit.ts";
import { textOf } from "../wire-text.ts";

/** The output of the last state. */
export async function runStates(scope: Scope, startAt: string, input: Json): Promise<Json> {
  let name = startAt;
  let value = input;
  for (;;) {
    const visit = enter(scope, name, value);
    const exit = await visitState(visit);
    leave(visit, exit);
    if (exit.next === undefined) return exit.output;
    name = exit.next;
    value = exit.output;
  }
}

function enter(scope: Scope, name: string, input: Json): Visit {
  const { engine, execution, block } = scope;
  const state = block.States[name];
  if (!state) throw new StateError(RUNTIME, `The state '${name}' does not exist.`);
  const { Type: type } = state;
  const details = { input: JSON.stringify(input), inputDetails: NOT_TRUNCATED, name };
  const enteredEventId = record(scope, `${type}StateEntered`, { stateEnteredEventDetails: details });
  scope.current = state;
  const [machine, executionName] = [execution.machine.name, execution.name];
  engine.door.meter("states:transition", 1);
  engine.door.tell({ kind: "state-entered", machine, execution: executionName, state: name, type });
  return { scope, name, state, input, enteredAtMs: engine.door.clock.now(), enteredEventId, retryCount: 0 };
}

function leave({ scope, name, state }: Visit, { output, assigned }: Exit): void {
  const texts = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]);
  const details: Shape = { name, output: limitedJson(output, name), outputDetails: NOT_TRUNCATED };
  if (texts.length > 0) {
    details["assignedVariables"] = Object.fromEntries(texts);
    details["assignedVariablesDetails"] = NOT_TRUNCATED;
  }
  record(scope, `${state.Type}StateExited`, { stateExitedEventDetails: details });
  scope.current = undefined;
  scope.variables = { ...scope.variables, ...assigned };
}

async function visitState(visit: Visit): Promise<Exit> {
  try {
    return await withRetry(visit, () => attempt(visit));
  } catch (error) {
    const catchers = error instanceof StateError ? (visit.state.Catch ?? []) : [];
    const index = catchers.findIndex((each) => matchesError(each.ErrorEquals, error as StateError));
    const catcher = catchers[index];
    if (!catcher) throw error;
    const given = errorOutput(error as StateError);
    return exitBy(visit, catcher, given, `Catch[${index}]/`, { errorOutput: given });
  }
}

async function attempt(visit: Visit): Promise<Exit> {
  const { state, input } = visit;
  switch (state.Type) {
    case "Task":
      return exitWithResult(visit, await runTask(visit));
    case "Parallel":
      return exitWithResult(visit, await runParallel(visit, runStates));
    case "Choice":
      return runChoice(visit);
    case "Wait":
      await runWait(visit);
      return exitBy(visit, state, input);
    case "Pass":
    case "Succeed":
      return exitBy(visit, state, input);
    case "Fail":
      throw await failure(visit, state);
  }
}

const exitWithResult = (visit: Visit, result: Json): Promise<Exit> =>
  exitBy(visit, visit.state, result, "", { result });

async function failure(visit: Visit, { Error: error, Cause: cause }: State): Promise<StateError> {
  const text = async (field: string, value: Json | undefined): Promise<string | undefined> =>
    value === undefined ? undefined : textOf(await evaluate(visit, field, value));
  return new StateError(await text("Error", error), await text("Cause", cause));
}
