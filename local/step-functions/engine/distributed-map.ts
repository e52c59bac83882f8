/**
 * A distributed Map: each item, or batch of items, in a child execution of its own.
 *
 * D1 Children know nothing of the parent's variables; what they need is in their input.
 * D2 The Map Run fails once more items have failed than are tolerated; what still runs is then stopped.
 */
import type { Json } from "../../door.ts";
import type { Definition, ItemProcessor } from "../definition/definition.ts";
import type { Machine } from "../machines.ts";
import type { MapRun, MapRunLimits } from "../map-runs.ts";
import { newId } from "../randomness.ts";
import { aborted, statusOf, type Execution } from "./execution.ts";
import { batchesOf } from "./item-batches.ts";
import { RUNTIME, StateError, errorDetails } from "./state-error.ts";
import { evaluate, evaluateNumber, record, recordAside, type Visit } from "./visit.ts";

/** Children of one Map Run that AWS runs at once. */
const MOST_AT_ONCE = 10_000;

export async function runDistributedMap(
  visit: Visit,
  items: readonly Json[],
  maxConcurrency: number,
): Promise<Json> {
  const { scope } = visit;
  const earlier = visit.mapRun;
  const isRedriven = visit.redriven === true && earlier !== undefined;
  visit.redriven = false;
  const inputs = await batchesOf(visit, await selected(visit, items));
  const run = isRedriven ? earlier : newMapRun(visit, await limitsOf(visit, maxConcurrency), inputs);
  visit.mapRun = run;
  if (isRedriven) recordRedrive(visit, run);
  else record(scope, "MapRunStarted", { mapRunStartedEventDetails: { mapRunArn: run.arn } });
  try {
    await runChildren(
      visit,
      run,
      inputs.map(({ input }) => input),
    );
    finish(visit, run, "SUCCEEDED");
    record(scope, "MapRunSucceeded");
    recordAside(scope, scope.chain, "MapStateSucceeded");
    return outputsOf(run);
  } catch (error) {
    stopChildren(run);
    finish(visit, run, error instanceof StateError ? "FAILED" : "ABORTED");
    if (error instanceof StateError)
      record(scope, "MapRunFailed", { mapRunFailedEventDetails: errorDetails(error) });
    throw error;
  }
}

async function selected(visit: Visit, items: readonly Json[]): Promise<Json[]> {
  const { ItemSelector: selector } = visit.state;
  if (selector === undefined) return [...items];
  const inputs: Json[] = [];
  for (const [index, value] of items.entries()) {
    const scope = { ...visit.scope, item: { Index: index, Value: value } };
    inputs.push(await evaluate({ ...visit, scope }, "ItemSelector", selector));
  }
  return inputs;
}

async function limitsOf(visit: Visit, maxConcurrency: number): Promise<MapRunLimits> {
  const { ToleratedFailureCount = 0, ToleratedFailurePercentage = 0 } = visit.state;
  const whole = { least: 0, most: Number.MAX_SAFE_INTEGER };
  const percentage = { least: 0, most: 100, whole: false };
  const number = (field: string, template: Json, range: typeof percentage | typeof whole) =>
    evaluateNumber(visit, field, template, range);
  return {
    maxConcurrency,
    toleratedFailureCount: await number("ToleratedFailureCount", ToleratedFailureCount, whole),
    toleratedFailurePercentage: await number(
      "ToleratedFailurePercentage",
      ToleratedFailurePercentage,
      percentage,
    ),
  };
}

function newMapRun(visit: Visit, limits: MapRunLimits, inputs: readonly { itemCount: number }[]): MapRun {
  const { engine, execution } = visit.scope;
  const machine = childMachine(visit);
  const run: MapRun = {
    arn: `${machine.arn.replace(":stateMachine:", ":mapRun:")}:${newId()}`,
    parent: execution,
    machine,
    limits,
    startedAtMs: engine.door.clock.now(),
    children: inputs.map(() => undefined),
    itemsOfChild: inputs.map(({ itemCount }) => itemCount),
    status: "RUNNING",
    redrives: [],
    onUpdate: () => undefined,
  };
  engine.mapRuns.add(run);
  return run;
}

/** A state machine of its own for each Map Run, named `<parent>/<label>`. */
function childMachine({ scope, state }: Visit): Machine {
  const { machine: parent } = scope.execution;
  const label = state.Label ?? newId();
  if (!state.ItemProcessor) throw new StateError(RUNTIME, "The Map has no ItemProcessor.");
  const definition = childDefinition(parent.definition.QueryLanguage, state.ItemProcessor);
  return scope.engine.machines.addForMapRun({
    arn: `${parent.arn}/${label}`,
    name: `${parent.name}/${label}`,
    label,
    type: state.ItemProcessor.ProcessorConfig?.ExecutionType ?? "STANDARD",
    roleArn: parent.roleArn,
    definitionText: JSON.stringify(definition),
    definition,
    createdAtMs: scope.engine.door.clock.now(),
  });
}

const childDefinition = (language: string | undefined, { StartAt, States }: ItemProcessor): Definition => ({
  ...(language === undefined ? {} : { QueryLanguage: language }),
  StartAt,
  States,
});

function recordRedrive({ scope }: Visit, run: MapRun): void {
  run.status = "RUNNING";
  run.redrives.push(scope.engine.door.clock.now());
  delete run.endedAtMs;
  const details = { mapRunArn: run.arn, redriveCount: run.redrives.length };
  record(scope, "MapRunRedriven", { mapRunRedrivenEventDetails: details });
}

/** Starts children as long as there is room, until all have ended or too many have failed. */
async function runChildren(visit: Visit, run: MapRun, inputs: readonly Json[]): Promise<void> {
  const { scope } = visit;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const waiting = inputs.flatMap((_, index) => (isSucceeded(run.children[index]) ? [] : [index]));
  let running = 0;
  const stop = (): void => reject(scope.signal.reason as Error);
  const check = (): void => {
    const failure = failureOf(run, waiting);
    if (failure) return reject(failure);
    const most = Math.min(run.limits.maxConcurrency || MOST_AT_ONCE, MOST_AT_ONCE);
    while (running < most && waiting.length > 0 && !scope.signal.aborted) {
      const index = waiting.shift() ?? 0;
      const child = startChild(visit, run, index, inputs[index] ?? null);
      running += 1;
      child.signal.addEventListener(
        "abort",
        () => {
          running -= 1;
          check();
        },
        { once: true },
      );
    }
    if (running === 0 && waiting.length === 0) resolve();
  };
  scope.signal.addEventListener("abort", stop, { once: true });
  run.onUpdate = check;
  try {
    scope.signal.throwIfAborted();
    check();
    await promise;
  } finally {
    run.onUpdate = () => undefined;
    scope.signal.removeEventListener("abort", stop);
  }
}

function startChild({ scope }: Visit, run: MapRun, index: number, input: Json): Execution {
  const { engine } = scope;
  const existing = run.children[index];
  if (existing && run.machine.type === "STANDARD") {
    engine.executions.redrive(existing);
    return existing;
  }
  const mapRun = { arn: run.arn, itemCount: run.itemsOfChild[index] ?? 1 };
  const request = { machine: run.machine, name: newId(), inputText: JSON.stringify(input), mapRun };
  const child = engine.executions.start(request);
  run.children[index] = child;
  return child;
}

const isSucceeded = (child: Execution | undefined): boolean =>
  child !== undefined && statusOf(child) === "SUCCEEDED";

/** Undefined while the failures are tolerated. A child that waits for its redrive has not failed. */
function failureOf(run: MapRun, waiting: readonly number[]): StateError | undefined {
  const { children, itemsOfChild } = run;
  const { toleratedFailureCount, toleratedFailurePercentage } = run.limits;
  const total = itemsOfChild.reduce((sum, each) => sum + each, 0);
  const failed = children.reduce((sum, child, index) => {
    const hasEnded = child?.ended !== undefined && !waiting.includes(index);
    return sum + (hasEnded && !isSucceeded(child) ? (itemsOfChild[index] ?? 0) : 0);
  }, 0);
  const tolerated = Math.max(toleratedFailureCount, (total * toleratedFailurePercentage) / 100);
  if (failed <= tolerated) return undefined;
  return new StateError(
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
  );
}

function stopChildren({ children }: MapRun): void {
  for (const child of children) child?.end(aborted({}));
}

function finish({ scope }: Visit, run: MapRun, status: MapRun["status"]): void {
  run.status = status;
  run.endedAtMs = scope.engine.door.clock.now();
}

/** In the order of the items; a failure that was tolerated leaves nothing. */
function outputsOf({ children }: MapRun): Json[] {
  return children.flatMap((child) =>
    child?.ended?.output === undefined ? [] : [JSON.parse(child.ended.output) as Json],
  );
}
