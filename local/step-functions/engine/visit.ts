/** One visit of one state: what its fields may read, and what it writes into the history. */
import type { Door, Json, Shape } from "../../door.ts";
import type { State, StatesBlock } from "../definition/definition.ts";
import { expressionIn } from "../definition/definition.ts";
import type { TaskTokens } from "../task-tokens.ts";
import type { Execution } from "./execution.ts";
import { EvaluationFailure, wrongType } from "./expression.ts";
import type { Chain } from "./history.ts";
import { isoTime } from "./iso-time.ts";
import { QUERY_EVALUATION_ERROR, StateError } from "./state-error.ts";

export interface Engine {
  readonly door: Door;
  readonly tokens: TaskTokens;
}

/** A running set of states: the machine itself or a branch. Variables of an outer scope can be read. */
export interface Scope {
  readonly engine: Engine;
  readonly execution: Execution;
  readonly block: StatesBlock;
  readonly chain: Chain;
  readonly signal: AbortSignal;
  variables: Readonly<Record<string, Json>>;
  /** The state that is being visited, for the event that says it was aborted. */
  current?: State | undefined;
}

export interface Visit {
  readonly scope: Scope;
  readonly name: string;
  readonly state: State;
  readonly input: Json;
  readonly enteredAtMs: number;
  readonly enteredEventId: number;
  retryCount: number;
}

/** What only some fields may read beside `$states.input` and the context. */
export interface Readable {
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly taskToken?: string;
}

/** Writes an event; throws if the scope has been aborted. */
export function record({ signal, execution, chain }: Scope, type: string, details?: Shape): number {
  signal.throwIfAborted();
  return execution.history.add(chain, type, details);
}

function contextOf({ scope, name, enteredAtMs, retryCount }: Visit, taskToken: string | undefined): Shape {
  const { arn, name: executionName, machine, input, startedAtMs } = scope.execution;
  return {
    Execution: {
      Id: arn,
      Input: input,
      Name: executionName,
      RoleArn: machine.roleArn,
      StartTime: isoTime(startedAtMs),
      RedriveCount: 0,
    },
    State: { EnteredTime: isoTime(enteredAtMs), Name: name, RetryCount: retryCount },
    StateMachine: { Id: machine.arn, Name: machine.name },
    ...(taskToken === undefined ? {} : { Task: { Token: taskToken } }),
  };
}

/** Evaluates a field with the values of the state's entry. */
export async function evaluate(
  visit: Visit,
  location: string,
  template: Json,
  readable: Readable = {},
): Promise<Json> {
  const { scope, input, state } = visit;
  const { taskToken, ...more } = readable;
  const { machine } = scope.execution;
  // A state left in JSONPath has no field that differs (others are refused), and `{%` means nothing in it.
  if ((state.QueryLanguage ?? machine.definition.QueryLanguage) !== "JSONata") return template;
  const states = { input, context: contextOf(visit, taskToken), ...more };
  try {
    return await machine.expressions.evaluate(template, location, { ...scope.variables, states });
  } catch (error) {
    throw evaluationFailed(visit, error);
  }
}

function evaluationFailed({ scope, name, enteredEventId }: Visit, error: unknown): unknown {
  if (!(error instanceof EvaluationFailure)) return error;
  scope.signal.throwIfAborted();
  const cause =
    `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}). ` +
    error.reason;
  scope.execution.history.addUnlinked(scope.chain, "EvaluationFailed", {
    evaluationFailedEventDetails: {
      error: QUERY_EVALUATION_ERROR,
      cause,
      location: error.location,
      state: name,
    },
  });
  return new StateError(QUERY_EVALUATION_ERROR, cause);
}

/** Evaluates a field that must be a boolean or a string. */
export async function evaluateAs<T extends "boolean" | "string" | "number">(
  visit: Visit,
  location: string,
  template: Json,
  type: T,
): Promise<T extends "boolean" ? boolean : T extends "string" ? string : number> {
  const value = await evaluate(visit, location, template);
  if (typeof value !== type) {
    const source = expressionIn(template) ?? JSON.stringify(template);
    throw evaluationFailed(visit, wrongType(location, source, type, value));
  }
  // The line above has compared the type, which TypeScript cannot follow through `T`.
  return value as never;
}

/** Evaluates a field that must be a whole number of seconds from `least` to 99,999,999. */
export async function evaluateSeconds(visit: Visit, field: string, template: Json, least: number) {
  const seconds = await evaluateAs(visit, field, template, "number");
  if (Number.isInteger(seconds) && seconds >= least && seconds <= 99_999_999) return seconds;
  const source = expressionIn(template) ?? JSON.stringify(template);
  const reason =
    `The JSONata expression '${source}' specified for the field '${field}' returned a value outside the ` +
    `acceptable range: ${seconds}`;
  throw evaluationFailed(visit, new EvaluationFailure(field, reason));
}
