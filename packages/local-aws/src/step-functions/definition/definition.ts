/** The Amazon States Language as far as the local engine knows it. */
import type { Json } from "../../local-aws.ts";

export type MachineType = "STANDARD" | "EXPRESS";

export type StateType = "Task" | "Choice" | "Pass" | "Wait" | "Succeed" | "Fail" | "Parallel" | "Map";

export type Assignments = Readonly<Record<string, Json>>;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: Assignments;
}

export interface ChoiceRule {
  readonly Condition: Json;
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: Assignments;
}

export interface State {
  readonly Type: StateType;
  readonly QueryLanguage?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Output?: Json;
  readonly Assign?: Assignments;
  readonly Resource?: string;
  readonly Arguments?: Json;
  readonly Credentials?: { readonly RoleArn: Json };
  readonly TimeoutSeconds?: Json;
  readonly HeartbeatSeconds?: Json;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Seconds?: Json;
  readonly Timestamp?: Json;
  readonly Error?: Json;
  readonly Cause?: Json;
  readonly Branches?: readonly StatesBlock[];
  readonly Items?: Json;
  readonly ItemReader?: ItemReader;
  readonly ResultWriter?: ResultWriter;
  readonly ItemSelector?: Json;
  readonly ItemBatcher?: { readonly [field: string]: Json };
  readonly ItemProcessor?: ItemProcessor;
  readonly MaxConcurrency?: Json;
  readonly ToleratedFailureCount?: Json;
  readonly ToleratedFailurePercentage?: Json;
  readonly Label?: string;
}

/** What a Map does for each item: in the execution itself, or in child executions. */
export interface ItemProcessor extends StatesBlock {
  readonly ProcessorConfig?: {
    readonly Mode?: "INLINE" | "DISTRIBUTED";
    readonly ExecutionType?: "STANDARD" | "EXPRESS";
  };
}

/** Where a distributed Map finds its items in S3. */
export interface ItemReader {
  readonly Resource: string;
  readonly Arguments: Json;
  readonly ReaderConfig?: { readonly [field: string]: Json };
}

/** Where a distributed Map leaves what its children gave, and in which form. */
export interface ResultWriter {
  readonly Resource?: string;
  readonly Arguments?: Json;
  readonly WriterConfig?: { readonly Transformation?: string; readonly OutputType?: string };
}

/** A set of states with a beginning: a whole machine, a branch of a Parallel state, or the processor of a Map. */
export interface StatesBlock {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends StatesBlock {
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
}

export type PlainObject = Record<string, unknown>;

export const isObject = (value: unknown): value is PlainObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The source inside `{% … %}`; undefined if the value is no expression. */
export function expressionIn(value: unknown): string | undefined {
  if (typeof value !== "string" || !value.startsWith("{%") || !value.endsWith("%}")) return undefined;
  return value.slice(2, -2).trim();
}

/** Every string below `value` with its place, as AWS writes places: `Output/name[2]`. */
export function* stringsIn(value: unknown, place: string): Generator<{ text: string; place: string }> {
  if (typeof value === "string") yield { text: value, place };
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* stringsIn(item, `${place}[${index}]`);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* stringsIn(item, `${place}/${key}`);
  }
}
