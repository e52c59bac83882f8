/**
 * One execution of a state machine: the revision that it runs, its status, its history, and how it ends.
 *
 * E1 An execution ends once; the first ending wins, and whatever still runs for it is aborted.
 */
import type { Clock } from "../../clock.ts";
import type { Json } from "../../local-aws.ts";
import type { Definition, MachineType } from "../definition/definition.ts";
import type { Ended, Ending, ExecutionStatus } from "./ending.ts";
import type { Expressions } from "./expression.ts";
import { openHistory, type Chain, type History } from "./history.ts";
import type { KeptHistory } from "./kept-history.ts";
import { TIMEOUT, errorDetails, type StateError } from "./state-error.ts";

/** One revision of a state machine. Executions keep the revision that they were started with. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly definition: Definition;
  readonly expressions: Expressions;
  readonly revisionId: string;
  readonly createdAtMs: number;
  /** Undefined until the first UpdateStateMachine. */
  readonly updatedAtMs?: number;
  /** What a child of a Map Run is called by. */
  readonly label?: string;
  /** In the order of their starts. */
  readonly executions: Execution[];
  /** The latest execution of each name. */
  readonly byName: Map<string, Execution>;
  readonly tags: Map<string, string>;
}

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly inputText: string;
  readonly input: Json;
  readonly startedAtMs: number;
  readonly history: History;
  /** When it has been redriven. */
  readonly redrives: readonly number[];
  /** The Map Run that it is a child of, and how many items it has. */
  readonly mapRun?: { readonly arn: string; readonly itemCount: number } | undefined;
  /** `$states.context` as a test of a single state gives it. */
  /** Aborted when the execution ends; a redrive brings a new one. */
  readonly signal: AbortSignal;
  readonly ended: Ended | undefined;
  /** Of an earlier run: what a redrive would go on with is gone. */
  readonly isRestored: boolean;
  /** False if it has already ended. */
  end(ending: Ending): boolean;
  /** Makes an execution that has ended run again; the reply is the time of the redrive. */
  redrive(): number;
}

export interface StartRequest {
  readonly machine: Machine;
  readonly name: string;
  readonly inputText: string;
  readonly mapRun?: Execution["mapRun"];
}

export interface NewExecution {
  readonly clock: Clock;
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly inputText: string;
  readonly mapRun?: Execution["mapRun"];
  readonly onEnd: (execution: Execution) => void;
  /** Where its history lasts. */
  readonly kept?: KeptHistory | undefined;
  /** What is known of it from an earlier run. */
  readonly earlier?: Earlier;
}

type Earlier = Pick<Execution, "startedAtMs" | "redrives"> & { readonly ended?: Ended | undefined };

export function createExecution({ clock, onEnd, kept, earlier, ...identity }: NewExecution): Execution {
  const { inputText } = identity;
  const history = openHistory(clock, kept);
  const redrives: number[] = [...(earlier?.redrives ?? [])];
  let controller = new AbortController();
  let ended = earlier?.ended;
  const execution: Execution = {
    ...identity,
    input: JSON.parse(inputText) as Json,
    startedAtMs: earlier?.startedAtMs ?? clock.now(),
    isRestored: earlier !== undefined,
    history,
    redrives,
    get signal() {
      return controller.signal;
    },
    get ended() {
      return ended;
    },
    end(ending) {
      if (ended) return false;
      history.close(ending.previousEventId, ending.type, ending.details);
      ended = { ...ending, atMs: clock.now() };
      controller.abort();
      onEnd(execution);
      return true;
    },
    redrive() {
      const atMs = clock.now();
      redrives.push(atMs);
      ended = undefined;
      controller = new AbortController();
      const last = { last: history.events.length };
      const details = { executionRedrivenEventDetails: { redriveCount: redrives.length } };
      history.add(last, "ExecutionRedriven", details);
      return atMs;
    },
  };
  return execution;
}

export const statusOf = ({ ended }: Execution): ExecutionStatus => ended?.status ?? "RUNNING";

export function succeeded(chain: Chain, output: string): Ending {
  const details = { executionSucceededEventDetails: { output, outputDetails: { truncated: false } } };
  return { status: "SUCCEEDED", previousEventId: chain.last, type: "ExecutionSucceeded", details, output };
}

export function failed(chain: Chain, stateError: StateError): Ending {
  const error = errorDetails(stateError);
  const details = { executionFailedEventDetails: error };
  return { status: "FAILED", previousEventId: chain.last, type: "ExecutionFailed", details, ...error };
}

/** DescribeExecution shows no error for it; only the history does. */
export function timedOut(): Ending {
  const details = { executionTimedOutEventDetails: { error: TIMEOUT } };
  return { status: "TIMED_OUT", previousEventId: 0, type: "ExecutionTimedOut", details };
}

export function aborted(error: { error?: string; cause?: string }): Ending {
  const details = { executionAbortedEventDetails: error };
  return { status: "ABORTED", previousEventId: 0, type: "ExecutionAborted", details, ...error };
}
