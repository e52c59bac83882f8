/** Runs a set of states from its beginning to its end: enter, do, exit or catch, go on. */
import type { Json, Shape } from "../../local-aws.ts";
import type { State } from "../definition/definition.ts";
import { runChoice } from "./choice-state.ts";
import type { InnerStates } from "./child-scope.ts";
import { aborted } from "./execution.ts";
import { exitBy, type Exit } from "./exit.ts";
import { NOT_TRUNCATED } from "./history.ts";
import { runMap } from "./map-state.ts";
import { runParallel } from "./parallel-state.ts";
import { limitedJson } from "./payload-limit.ts";
import { withRetry } from "./retry.ts";
import { RUNTIME, StateError, errorOutput, matchesError } from "./state-error.ts";
import { runTask } from "./task-state.ts";
import { throttle } from "./transitions.ts";
import { runWait } from "./wait-state.ts";
import { evaluateAs, record, type Scope, type Visit } from "./visit.ts";

/** The output of the last state. */
export async function runStates(scope: Scope, startAt: string, input: Json): Promise<Json> {
  const throttled = throttle(scope);
  if (throttled) await throttled;
  return goOn(enter(scope, startAt, input));
}

/** Goes on at the state that has failed or was aborted, with its input and the variables of its entry. */
export async function resumeStates(scope: Scope): Promise<Json> {
  if (!scope.visit) throw new StateError(RUNTIME, "There is no state to redrive.");
  scope.visit.redriven = true;
  return goOn(scope.visit);
}

async function goOn(first: Visit): Promise<Json> {
  const { scope } = first;
  for (let visit = first; ;) {
    const exit = await visitState(visit);
    leave(visit, exit);
    if (exit.next === undefined) {
      scope.output = exit.output;
      return exit.output;
    }
    const throttled = throttle(scope);
    if (throttled) await throttled;
    visit = enter(scope, exit.next, exit.output);
  }
}

function enter(scope: Scope, name: string, input: Json): Visit {
  const { engine, execution, block } = scope;
  const state = block.States[name];
  if (!state) throw new StateError(RUNTIME, `The state '${name}' does not exist.`);
  endIfDeleted(scope);
  const { Type: type } = state;
  const details = { input: JSON.stringify(input), inputDetails: NOT_TRUNCATED, name };
  const enteredEventId = record(scope, `${type}StateEntered`, { stateEnteredEventDetails: details });
  const [machine, executionName] = [execution.machine.name, execution.name];
  if (execution.machine.type === "STANDARD") engine.localAws.meter("states:transition", 1);
  engine.localAws.emit({ kind: "state-entered", machine, execution: executionName, state: name, type });
  const enteredAtMs = engine.localAws.clock.now();
  scope.visit = { scope, name, state, input, enteredAtMs, enteredEventId, retryCount: 0 };
  return scope.visit;
}

/** Executions of a deleted state machine end at their next transition. */
function endIfDeleted({ engine, execution, signal }: Scope): void {
  if (engine.machines.isDeleting(execution.machine.arn)) execution.end(aborted({}));
  signal.throwIfAborted();
}

function leave({ scope, name, state }: Visit, { output, assigned }: Exit): void {
  const texts = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]);
  const details: Shape = { name, output: limitedJson(output, name), outputDetails: NOT_TRUNCATED };
  if (texts.length > 0) {
    details["assignedVariables"] = Object.fromEntries(texts);
    details["assignedVariablesDetails"] = NOT_TRUNCATED;
  }
  record(scope, `${state.Type}StateExited`, { stateExitedEventDetails: details });
  scope.visit = undefined;
  scope.variables = { ...scope.variables, ...assigned };
}

async function visitState(visit: Visit): Promise<Exit> {
  try {
    return await withRetry(visit, () => attempt(visit));
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    recordFailure(visit, error);
    const caught = await exitByCatch(visit, error);
    if (!caught) throw error;
    return caught;
  }
}

/** Map and Parallel say that they have failed once no retry is left. */
function recordFailure({ scope, state }: Visit, { errorName }: StateError): void {
  const isOuter = state.Type === "Map" || state.Type === "Parallel";
  if (isOuter && errorName !== RUNTIME) record(scope, `${state.Type}StateFailed`);
}

/** Undefined if no catcher names the error. */
async function exitByCatch(visit: Visit, error: StateError): Promise<Exit | undefined> {
  const catchers = visit.state.Catch ?? [];
  const index = catchers.findIndex((each) => matchesError(each.ErrorEquals, error));
  const catcher = catchers[index];
  if (!catcher) return undefined;
  const given = errorOutput(error);
  return exitBy(visit, catcher, given, `Catch[${index}]/`, { errorOutput: given });
}

/** What runs branches and iterations, given to the states that have some. */
const inner: InnerStates = { run: runStates, resume: resumeStates };

export async function attempt(visit: Visit): Promise<Exit> {
  const { state, input } = visit;
  switch (state.Type) {
    case "Task":
      return exitWithResult(visit, await runTask(visit));
    case "Parallel":
      return exitWithResult(visit, await runParallel(visit, inner));
    case "Map":
      return exitWithResult(visit, await runMap(visit, inner));
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
    value === undefined ? undefined : evaluateAs(visit, field, value, "string");
  return new StateError(await text("Error", error), await text("Cause", cause));
}
