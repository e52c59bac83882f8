/** A state machine's definition as a graph: its states, nested ones within theirs, and every way from one to another. */
import * as z from "zod/mini";
import { isWaitError } from "./wait-errors.ts";

export type StateKind = "task" | "wait" | "choice" | "pass" | "succeed" | "fail" | "map" | "parallel";
/** `turn`: a wait is told by an error what has become of the call. */
export type EdgeKind = "next" | "choice" | "default" | "turn" | "catch";

export interface StateNode {
  /** Unique in the whole machine, as Amazon States Language wants it. */
  readonly name: string;
  readonly kind: StateKind;
  readonly comment?: string;
  /** What a task calls: `ringmaster-send-push`, `events:putEvents`. */
  readonly calls?: string;
  /** The Map or Parallel that it is in. */
  readonly inside?: string;
  /** Of a Parallel: which of its branches, from 0. */
  readonly branch?: number;
  /** A distributed Map runs it in child executions: this execution's history knows nothing of it. */
  readonly inChildren?: true;
}

export interface StateEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** The condition of a choice, the errors of a catch. */
  readonly label?: string;
}

export interface Graph {
  /** In the definition's order, the first state of each block first. */
  readonly nodes: readonly StateNode[];
  readonly edges: readonly StateEdge[];
}

const blockSchema = z.object({
  StartAt: z.string(),
  ProcessorConfig: z.optional(z.object({ Mode: z.optional(z.string()) })),
  get States() {
    return z.record(z.string(), stateSchema);
  },
});
const stateSchema = z.object({
  Type: z.string(),
  Comment: z.optional(z.string()),
  Resource: z.optional(z.string()),
  Arguments: z.optional(z.unknown()),
  Parameters: z.optional(z.unknown()),
  Next: z.optional(z.string()),
  Default: z.optional(z.string()),
  Choices: z.optional(z.array(z.object({ Next: z.string(), Condition: z.optional(z.unknown()) }))),
  Catch: z.optional(z.array(z.object({ Next: z.string(), ErrorEquals: z.array(z.string()) }))),
  get ItemProcessor(): z.ZodMiniOptional<typeof blockSchema> {
    return z.optional(blockSchema);
  },
  get Iterator(): z.ZodMiniOptional<typeof blockSchema> {
    return z.optional(blockSchema);
  },
  get Branches(): z.ZodMiniOptional<z.ZodMiniArray<typeof blockSchema>> {
    return z.optional(z.array(blockSchema));
  },
});
type Block = z.infer<typeof blockSchema>;
type State = z.infer<typeof stateSchema>;

/** Undefined: this is no state machine. */
export function graphOf(definition: unknown): Graph | undefined {
  const parsed = blockSchema.safeParse(definition);
  if (!parsed.success) return undefined;
  const nodes: StateNode[] = [];
  const edges: StateEdge[] = [];
  collect(parsed.data, { nodes, edges });
  return { nodes, edges };
}

interface Collected {
  readonly nodes: StateNode[];
  readonly edges: StateEdge[];
}

interface Place {
  readonly inside: string;
  readonly branch: number;
  readonly inChildren?: true;
}

function collect({ StartAt, States }: Block, into: Collected, place?: Place): void {
  const names = Object.keys(States);
  for (const name of [StartAt, ...names.filter((other) => other !== StartAt)]) {
    const state = States[name];
    if (!state) continue;
    into.nodes.push(nodeOf(name, state, place));
    into.edges.push(...edgesOf(name, state));
    for (const [branch, block] of blocksIn(state).entries()) {
      const inChildren = place?.inChildren ?? block.ProcessorConfig?.Mode === "DISTRIBUTED";
      collect(block, into, { inside: name, branch, ...(inChildren && { inChildren }) });
    }
  }
}

const blocksIn = ({ ItemProcessor, Iterator, Branches = [] }: State): Block[] =>
  [ItemProcessor, Iterator, ...Branches].filter((block) => block !== undefined);

function nodeOf(name: string, state: State, place?: Place): StateNode {
  const calls = callOf(state);
  return {
    name,
    kind: kindOf(state),
    ...(state.Comment !== undefined && { comment: state.Comment }),
    ...(calls !== undefined && { calls }),
    ...place,
  };
}

const KINDS: Readonly<Record<string, StateKind>> = {
  Choice: "choice",
  Wait: "wait",
  Pass: "pass",
  Succeed: "succeed",
  Fail: "fail",
  Map: "map",
  Parallel: "parallel",
};

/** A task that is called back waits, however long it takes. */
function kindOf({ Type, Resource = "" }: State): StateKind {
  return Resource.endsWith(".waitForTaskToken") ? "wait" : (KINDS[Type] ?? "task");
}

const invokedSchema = z.object({ FunctionName: z.string() });

function callOf({ Resource, Arguments, Parameters }: State): string | undefined {
  if (Resource === undefined) return undefined;
  const invoked = invokedSchema.safeParse(Arguments ?? Parameters);
  if (Resource.includes(":lambda:invoke") && invoked.success) return functionName(invoked.data.FunctionName);
  return Resource.split(":::")[1] ?? functionName(Resource);
}

/** Of an ARN, with or without a version, or of a placeholder in a printed definition. */
export const functionName = (text: string): string =>
  /:function:([^:]+)/.exec(text)?.[1] ?? text.replaceAll(/[${}]/g, "");

function edgesOf(from: string, { Next, Choices = [], Default, Catch = [] }: State): StateEdge[] {
  const edges: StateEdge[] = Choices.map(({ Next: to, Condition }) => ({
    from,
    to,
    kind: "choice",
    ...(typeof Condition === "string" && { label: Condition.replaceAll(/^\{%\s*|\s*%\}$/g, "") }),
  }));
  if (Default !== undefined) edges.push({ from, to: Default, kind: "default" });
  if (Next !== undefined) edges.push({ from, to: Next, kind: "next" });
  for (const { Next: to, ErrorEquals } of Catch) {
    const kind = ErrorEquals.every(isWaitError) ? "turn" : "catch";
    edges.push({ from, to, kind, label: ErrorEquals.join(", ") });
  }
  return withoutTwins(edges);
}

/** One line from one state to another says it; which of two conditions led there, the history tells. */
function withoutTwins(edges: readonly StateEdge[]): StateEdge[] {
  const seen = new Map<string, StateEdge>();
  for (const edge of edges) {
    const key = `${edge.kind === "catch" ? "catch" : "way"} ${edge.to}`;
    const twin = seen.get(key);
    const label = [twin?.label, edge.label].filter((text) => text !== undefined).join(" or ");
    seen.set(key, { ...(twin ?? edge), ...(label !== "" && { label }) });
  }
  return [...seen.values()];
}
