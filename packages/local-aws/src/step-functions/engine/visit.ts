/** One visit of one state: what its fields may read, and what it writes into the history. */
import type { LocalAws, Json, Shape } from "../../local-aws.ts";
import type { State, StatesBlock } from "../definition/definition.ts";
import { expressionIn } from "../definition/definition.ts";
import type { Machines } from "../machines.ts";
import type { MapRun, MapRuns } from "../map-runs.ts";
import type { TaskTokens } from "../task-tokens.ts";
import type { Execution, StartRequest } from "./execution.ts";
import { EvaluationFailure, wrongType } from "./expression.ts";
import type { Chain } from "./history.ts";
import { isoTime } from "./timer.ts";
import { QUERY_EVALUATION_ERROR, StateError } from "./state-error.ts";

export interface Engine {
  readonly localAws: LocalAws;
  readonly tokens: TaskTokens;
  readonly machines: Machines;
  readonly mapRuns: MapRuns;
  /** For states that start executions themselves. */
  readonly executions: {
    start(request: StartRequest): Execution;
    redrive(execution: Execution): void;
  };
}

/** A running set of states: the machine itself or a branch. Variables of an outer scope can be read. */
export interface Scope {
  readonly engine: Engine;
  readonly execution: Execution;
  readonly block: StatesBlock;
  readonly chain: Chain;
  /** A redrive gives a new one. */
  signal: AbortSignal;
  variables: Readonly<Record<string, Json>>;
  /** `$states.context.Map` in an iteration of a Map. */
  readonly item?: Shape | undefined;
  /** The state that is being visited, or that has failed: its type is in the events, and a redrive goes on there. */
  visit?: Visit | undefined;
  /** What the last state has given, once it has. */
  output?: Json;
  /** An error of its own has ended it. */
  failed?: boolean;
}

export interface Visit {
  readonly scope: Scope;
  readonly name: string;
  readonly state: State;
  readonly input: Json;
  readonly enteredAtMs: number;
  readonly enteredEventId: number;
  retryCount: number;
  /** Branches or iterations of the last attempt. */
  children?: (Scope | undefined)[];
  /** The Map Run of the last attempt. */
  mapRun?: MapRun;
  /** The next attempt goes on with the children that have not succeeded. */
  redriven?: boolean;
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

/** Writes an event that its successor does not refer to. */
export function recordAside(
  { signal, execution }: Scope,
  chain: Chain,
  type: string,
  details?: Shape,
): number {
  signal.throwIfAborted();
  return execution.history.add({ last: chain.last }, type, details);
}

/** States that can be retried: only their context has a RetryCount. */
const RETRIED: readonly string[] = ["Task", "Parallel", "Map"];

/** An Express execution cannot be redriven and has no RedriveCount. */
function contextOf(visit: Visit, taskToken: string | undefined): Shape {
  const { scope, name, state, enteredAtMs, retryCount } = visit;
  const { arn, name: executionName, machine, input, startedAtMs, redrives } = scope.execution;
  const isExpress = machine.type === "EXPRESS";
  return {
    Execution: {
      Id: arn,
      Input: input,
      Name: executionName,
      // A test of a single state may have no role.
      RoleArn: machine.roleArn === "" ? null : machine.roleArn,
      StartTime: isoTime(startedAtMs),
      ...(isExpress ? {} : { RedriveCount: redrives.length }),
      ...(redrives.length > 0 ? { RedriveTime: isoTime(redrives.at(-1) ?? 0) } : {}),
    },
    State: {
      EnteredTime: isoTime(enteredAtMs),
      Name: name,
      ...(RETRIED.includes(state.Type) ? { RetryCount: retryCount } : {}),
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
    ...(scope.item ? { Map: { Item: scope.item } } : {}),
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
  const place = `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}). `;
  const cause = (enteredEventId === 0 ? "" : place) + error.reason;
  scope.execution.history.addBeside(enteredEventId, scope.chain, "EvaluationFailed", {
    evaluationFailedEventDetails: {
      error: QUERY_EVALUATION_ERROR,
      cause,
      ...(error.location === undefined ? {} : { location: error.location }),
      state: name,
    },
  });
  return new StateError(QUERY_EVALUATION_ERROR, cause);
}

/** AWS's words for the input of a Map without Items. */
export const refuseInput = (visit: Visit): unknown =>
  evaluationFailed(
    visit,
    new EvaluationFailure(
      undefined,
      `Map state input must be an array but was: ${JSON.stringify(visit.input)}`,
    ),
  );

/** Evaluates a field that must be a boolean or a string. */
export async function evaluateAs<T extends "boolean" | "string" | "number">(
  visit: Visit,
  location: string,
  template: Json,
  type: T,
): Promise<T extends "boolean" ? boolean : T extends "string" ? string : number> {
  const value = await evaluate(visit, location, template);
  if (typeof value !== type) {
    throw refuseType(visit, location, template, type, value);
  }
  // The line above has compared the type, which TypeScript cannot follow through `T`.
  return value as never;
}

export interface Range {
  readonly least: number;
  readonly most: number;
  /** False: a fraction is a value too. */
  readonly whole?: boolean;
}

/** Evaluates a field that must be a number in a range. */
export async function evaluateNumber(visit: Visit, field: string, template: Json, range: Range) {
  const { least, most, whole = true } = range;
  const value = await evaluateAs(visit, field, template, "number");
  if ((!whole || Number.isInteger(value)) && value >= least && value <= most) return value;
  const source = expressionIn(template) ?? JSON.stringify(template);
  const reason =
    `The JSONata expression '${source}' specified for the field '${field}' returned a value outside the ` +
    `acceptable range: ${value}`;
  throw evaluationFailed(visit, new EvaluationFailure(field, reason));
}

/** Evaluates a field that must be a whole number of seconds from `least` to 99,999,999. */
export const evaluateSeconds = (
  visit: Visit,
  field: string,
  template: Json,
  least: number,
): Promise<number> => evaluateNumber(visit, field, template, { least, most: 99_999_999 });

/** AWS's words for a value that a field cannot have. */
export const refuseType = (
  visit: Visit,
  field: string,
  template: Json,
  expected: string,
  value: Json,
): unknown =>
  evaluationFailed(
    visit,
    wrongType(field, expressionIn(template) ?? JSON.stringify(template), expected, value),
  );
