/** Starts an execution and brings it to its end. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Machine } from "../machines.ts";
import { announceStatus } from "../status-change.ts";
import { createExecution, failed, succeeded, timedOut, type Execution } from "./execution.ts";
import { NOT_TRUNCATED, type Chain } from "./history.ts";
import { limitedJson } from "./payload-limit.ts";
import { runStates } from "./run-states.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { startTimer } from "./timer.ts";
import type { Engine, Scope } from "./visit.ts";

/**
 * An execution outlives the call that starts it. Without this, timers that its tasks set would count as timers of
 * the function that has called StartExecution.
 */
const outsideOfCaller = AsyncLocalStorage.snapshot();

export interface StartRequest {
  readonly machine: Machine;
  readonly name: string;
  readonly inputText: string;
}

export function startExecution(engine: Engine, { machine, name, inputText }: StartRequest): Execution {
  const { clock } = engine.door;
  const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
  const onEnd = (ended: Execution): void => announceEnd(engine, ended);
  const execution = createExecution({ clock, arn, name, machine, inputText, onEnd });
  machine.executions.push(execution);
  machine.byName.set(name, execution);
  recordStart(execution);
  engine.door.tell({ kind: "execution-started", machine: machine.name, execution: name });
  outsideOfCaller(() => {
    announceStatus(engine.door, execution);
    limitDuration(engine, execution);
    void run(engine, execution);
  });
  return execution;
}

function recordStart({ history, inputText, machine }: Execution): void {
  const details = { input: inputText, inputDetails: NOT_TRUNCATED, roleArn: machine.roleArn };
  history.add({ last: 0 }, "ExecutionStarted", { executionStartedEventDetails: details });
}

function limitDuration({ door }: Engine, execution: Execution): void {
  const { TimeoutSeconds: seconds } = execution.machine.definition;
  if (seconds === undefined) return;
  const cancel = startTimer(door.clock, seconds * 1000, () => execution.end(timedOut()));
  execution.signal.addEventListener("abort", cancel, { once: true });
}

async function run(engine: Engine, execution: Execution): Promise<void> {
  const { signal, machine, input } = execution;
  const chain: Chain = { last: 0 };
  const scope: Scope = { engine, execution, block: machine.definition, chain, signal, variables: {} };
  try {
    // The reply of StartExecution comes before anything that the execution does.
    await Promise.resolve();
    const output = await runStates(scope, machine.definition.StartAt, input);
    execution.end(succeeded(chain, limitedJson(output, machine.name)));
  } catch (error) {
    if (execution.ended) return;
    execution.end(failed(chain, error instanceof StateError ? error : internalError(error)));
  }
}

/** A fault of the local runtime itself: it ends the execution and says what it is. */
const internalError = (error: unknown): StateError => new StateError(RUNTIME, String(error));

function announceEnd({ door }: Engine, execution: Execution): void {
  const { name, machine, ended } = execution;
  const status = ended?.status ?? "RUNNING";
  door.tell({ kind: "execution-ended", machine: machine.name, execution: name, status });
  announceStatus(door, execution);
}
