/**
 * A distributed Map: each item, or batch of items, in a child execution of its own.
 *
 * D1 Children know nothing of the parent's variables; what they need is in their input.
 * D2 The Map Run fails once more items have failed than are tolerated; what still runs is then stopped.
 * D3 A child's input is made when there is room for the child, and a child that has ended is only counted: what is held grows
 *    with the concurrency, not with the number of items.
 */
import type { Machine } from "./execution.ts";
import { AwsError, type Json } from "../../local-aws.ts";
import type { Definition, ItemProcessor } from "../definition/definition.ts";
import { noCounts, type MapRun, type MapRunLimits } from "../map-runs.ts";
import { newId } from "../randomness.ts";
import { StateError, RUNTIME, errorDetails } from "./state-error.ts";
import { batchingOf, inputsOf } from "./item-batches.ts";
import type { ItemSource } from "./item-reader.ts";
import { runChildren, stopChildren, tellUnsuccessful } from "./map-children.ts";
import { createMapResults } from "./map-results.ts";
import { evaluateNumber, record, recordAside, type Visit } from "./visit.ts";

export async function runDistributedMap(
  visit: Visit,
  source: ItemSource,
  maxConcurrency: number,
): Promise<Json> {
  const { scope } = visit;
  const earlier = visit.mapRun;
  const isRedriven = visit.redriven === true && earlier !== undefined;
  visit.redriven = false;
  await mayStartChildren(visit);
  const run = isRedriven ? earlier : await newMapRun(visit, source, maxConcurrency);
  visit.mapRun = run;
  if (isRedriven) recordRedrive(visit, run);
  else record(scope, "MapRunStarted", { mapRunStartedEventDetails: { mapRunArn: run.arn } });
  try {
    await runChildren(visit, run);
    await writeResults(run);
    const output = run.results.output(run.arn);
    finish(visit, run, "SUCCEEDED");
    record(scope, "MapRunSucceeded");
    recordAside(scope, scope.chain, "MapStateSucceeded");
    return output;
  } catch (error) {
    stopChildren(run);
    finish(visit, run, error instanceof StateError ? "FAILED" : "ABORTED");
    if (error instanceof StateError) {
      await exportFailure(visit, run, error);
      record(scope, "MapRunFailed", { mapRunFailedEventDetails: errorDetails(error) });
    }
    throw error;
  }
}

/** AWS starts children in the name of the state machine's role. */
async function mayStartChildren({ scope }: Visit): Promise<void> {
  const { machine } = scope.execution;
  const caller = { kind: "role", arn: machine.roleArn } as const;
  const input = { stateMachineArn: machine.arn };
  try {
    await scope.engine.localAws.call({ service: "states", operation: "StartMapRun", input, caller });
  } catch (error) {
    throw error instanceof AwsError ? new StateError(RUNTIME, error.message) : error;
  }
}

async function writeResults(run: MapRun): Promise<void> {
  await tellUnsuccessful(run);
  await run.results.close(run.arn);
  run.resultsWritten = run.items.succeeded;
}

/** A failed run is told in full too, with what never began. What keeps it from being told is not the failure. */
async function exportFailure({ state }: Visit, run: MapRun, failure: StateError): Promise<void> {
  if (!state.ResultWriter?.Resource || failure.errorName === "States.ResultWriterFailed") return;
  try {
    await writeResults(run);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
  }
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

async function newMapRun(visit: Visit, source: ItemSource, maxConcurrency: number): Promise<MapRun> {
  const { engine, execution } = visit.scope;
  const limits = await limitsOf(visit, maxConcurrency);
  const batching = await batchingOf(visit);
  const results = await createMapResults(visit);
  const machine = childMachine(visit);
  const run: MapRun = {
    arn: `${machine.arn.replace(":stateMachine:", ":mapRun:")}:${newId()}`,
    parent: execution,
    machine,
    limits,
    results,
    startedAtMs: engine.localAws.clock.now(),
    items: { ...noCounts(), total: source.total },
    executions: noCounts(),
    itemsPerExecution: Math.min(batching.mostItems, Math.max(source.total, 1)),
    openInputs: () => inputsOf(visit, source.items(), batching),
    running: new Map(),
    unsuccessful: new Map(),
    begun: 0,
    resultsWritten: 0,
    status: "RUNNING",
    redrives: [],
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
    createdAtMs: scope.engine.localAws.clock.now(),
  });
}

const childDefinition = (language: string | undefined, { StartAt, States }: ItemProcessor): Definition => ({
  ...(language === undefined ? {} : { QueryLanguage: language }),
  StartAt,
  States,
});

function recordRedrive({ scope }: Visit, run: MapRun): void {
  run.status = "RUNNING";
  run.redrives.push(scope.engine.localAws.clock.now());
  delete run.endedAtMs;
  const details = { mapRunArn: run.arn, redriveCount: run.redrives.length };
  record(scope, "MapRunRedriven", { mapRunRedrivenEventDetails: details });
}

function finish({ scope }: Visit, run: MapRun, status: MapRun["status"]): void {
  run.status = status;
  run.endedAtMs = scope.engine.localAws.clock.now();
}
