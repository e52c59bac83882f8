/** Starts an execution and brings it to its end. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { LocalAws } from "../../local-aws.ts";
import { announceStatus } from "../status-change.ts";
import {
  createExecution,
  failed,
  succeeded,
  timedOut,
  type Execution,
  type StartRequest,
} from "./execution.ts";
import { NOT_TRUNCATED, type Chain } from "./history.ts";
import { keepExecution } from "./kept-execution.ts";
import { forgetHistory, keptHistory } from "./kept-history.ts";
import { limitedJson } from "./payload-limit.ts";
import { newId } from "../randomness.ts";
import { resumeStates, runStates } from "./run-states.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { startTimer } from "./timer.ts";
import type { Engine, Scope } from "./visit.ts";

/**
 * An execution outlives the call that starts it. Without this, timers that its tasks set would count as timers of
 * the function that has called StartExecution.
 */
const outsideOfCaller = AsyncLocalStorage.snapshot();

/** An Express execution may run as long as this. */
const EXPRESS_SECONDS = 300;

/** The outermost set of states of an execution, where a redrive goes on. */
const outermost = new WeakMap<Execution, Scope>();

export function startExecution(engine: Engine, request: StartRequest): Execution {
  const { machine, name } = request;
  const { clock, store } = engine.localAws;
  const onEnd = (ended: Execution): void => announceEnd(engine, ended);
  const arn = arnOf(request);
  // A name that is free again: the earlier history under it goes.
  if (machine.byName.has(name)) forgetHistory(store, arn);
  const lasts = machine.type === "STANDARD" && !request.mapRun;
  const kept = lasts ? keptHistory(store, arn) : undefined;
  const execution = createExecution({ ...request, clock, arn, onEnd, kept });
  keepExecution(store, execution);
  // An Express execution cannot be found again, except as a child of a Map Run.
  if (machine.type === "STANDARD" || request.mapRun) {
    machine.executions.push(execution);
    machine.byName.set(name, execution);
  }
  recordStart(execution);
  engine.localAws.emit({ kind: "execution-started", machine: machine.name, execution: name });
  outsideOfCaller(() => {
    announceStatus(engine.localAws, execution);
    limitDuration(engine, execution);
    void run(engine, execution);
  });
  return execution;
}

/** Goes on with an execution that has failed, been stopped or timed out. */
export function redriveExecution(engine: Engine, execution: Execution): number {
  const { machine, name } = execution;
  const scope = outermost.get(execution);
  const atMs = execution.redrive();
  keepExecution(engine.localAws.store, execution);
  engine.localAws.emit({ kind: "execution-started", machine: machine.name, execution: name });
  outsideOfCaller(() => {
    announceStatus(engine.localAws, execution);
    limitDuration(engine, execution);
    void run(engine, execution, scope);
  });
  return atMs;
}

function arnOf({ machine, name }: StartRequest): string {
  if (machine.type === "STANDARD") return `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
  return `${machine.arn.replace(":stateMachine:", ":express:")}:${name}:${newId()}`;
}

function recordStart({ history, inputText, machine }: Execution): void {
  const details = { input: inputText, inputDetails: NOT_TRUNCATED, roleArn: machine.roleArn };
  history.add({ last: 0 }, "ExecutionStarted", { executionStartedEventDetails: details });
}

function limitDuration({ localAws }: Engine, execution: Execution): void {
  const { definition, type } = execution.machine;
  const own = definition.TimeoutSeconds;
  const seconds = type === "EXPRESS" ? Math.min(own ?? EXPRESS_SECONDS, EXPRESS_SECONDS) : own;
  if (seconds === undefined) return;
  const cancel = startTimer(localAws.clock, seconds * 1000, () => execution.end(timedOut()));
  execution.signal.addEventListener("abort", cancel, { once: true });
}

async function run(engine: Engine, execution: Execution, redriven?: Scope): Promise<void> {
  const { signal, machine, input, history } = execution;
  const chain: Chain = redriven?.chain ?? { last: 0 };
  const block = machine.definition;
  const scope = redriven ?? { engine, execution, block, chain, signal, variables: {} };
  scope.signal = signal;
  if (redriven) chain.last = history.events.length;
  outermost.set(execution, scope);
  try {
    // The reply of StartExecution comes before anything that the execution does.
    await Promise.resolve();
    const output = scope.visit ? await resumeStates(scope) : await runStates(scope, block.StartAt, input);
    execution.end(succeeded(chain, limitedJson(output, machine.name)));
  } catch (error) {
    if (signal.aborted) return;
    execution.end(failed(chain, error instanceof StateError ? error : internalError(error)));
  }
}

/** A fault of the local runtime itself: it ends the execution and says what it is. */
const internalError = (error: unknown): StateError => new StateError(RUNTIME, String(error));

/** Tells that it has ended, once. */
export function announceEnd(
  { localAws, machines }: Pick<Engine, "localAws" | "machines">,
  execution: Execution,
): void {
  const { name, machine, ended } = execution;
  const status = ended?.status ?? "RUNNING";
  if (machine.type === "EXPRESS") {
    meterExpress(localAws, execution);
    forgetSteps(execution);
  }
  keepExecution(localAws.store, execution);
  machines.forgetIfDeleted(machine.arn);
  localAws.emit({ kind: "execution-ended", machine: machine.name, execution: name, status });
  announceStatus(localAws, execution);
}

/** Express is billed by requests, and by duration in steps of 100 ms and memory in steps of 64 MB. */
function meterExpress(localAws: LocalAws, { startedAtMs, ended }: Execution): void {
  const durationMs = (ended?.atMs ?? startedAtMs) - startedAtMs;
  localAws.meter("states:express-request", 1);
  localAws.meter("states:express-gb-second", (Math.max(1, Math.ceil(durationMs / 100)) / 10) * (64 / 1024));
}

/** Nothing shows the history of an Express execution, and a Map Run may have thousands of them. */
function forgetSteps(execution: Execution): void {
  execution.history.forget();
  outermost.delete(execution);
}
