/** JSONata of a definition: compiled once, evaluated with variables and `$states`, failing in AWS's words. */
import jsonata from "jsonata";
import type { Json } from "../../local-aws.ts";
import { expressionIn, isObject } from "../definition/definition.ts";
import { adaptToStepFunctions } from "./jsonata-functions.ts";

/** AWS stops an expression after one second; counted steps are the same on every machine. */
const MAX_EVALUATION_STEPS = 500_000;
/** Expressions inside expressions, calls of functions included. */
const MAX_DEPTH = 100;
const STACK_OVERFLOW =
  "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.";
/** Stands for AWS's limit of memory, which it gives in bytes. */
const MAX_ITEMS = 400_000;
const OUT_OF_MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage";

/** Why a field could not be evaluated. `reason` completes AWS's sentence about the state. What is no field has no location. */
export class EvaluationFailure extends Error {
  readonly location: string | undefined;
  readonly reason: string;
  constructor(location: string | undefined, reason: string) {
    super(reason);
    this.location = location;
    this.reason = reason;
  }
}

export type Bindings = Readonly<Record<string, unknown>>;

interface Compiled {
  evaluate(bindings: Bindings): Promise<unknown>;
}

export interface Expressions {
  /** Replaces every expression below `template` by its value. */
  evaluate(template: Json, location: string, bindings: Bindings): Promise<Json>;
}

/** jsonata's own hooks for bounding an evaluation; its types know string names only. */
const ENTRY = Symbol.for("jsonata.__evaluate_entry") as unknown as string;
const EXIT = Symbol.for("jsonata.__evaluate_exit") as unknown as string;

/** One evaluation at a time: the counters belong to it. */
function compile(source: string): Compiled {
  const expression = jsonata(source);
  let steps = 0;
  let depth = 0;
  adaptToStepFunctions(expression);
  expression.assign(ENTRY, () => {
    steps += 1;
    depth += 1;
    if (steps > MAX_EVALUATION_STEPS)
      throw new Error("Expression evaluation timeout: Check for infinite loop");
    if (depth > MAX_DEPTH) throw new Error(STACK_OVERFLOW);
  });
  expression.assign(EXIT, (_expression: unknown, _input: unknown, _environment: unknown, result: unknown) => {
    depth -= 1;
    if (Array.isArray(result) && result.length > MAX_ITEMS) throw new Error(OUT_OF_MEMORY);
  });
  return {
    evaluate(bindings) {
      steps = 0;
      depth = 0;
      return expression.evaluate(undefined, { ...bindings });
    },
  };
}

/** Functions of JSONata are objects that say so. */
function withoutFunctions(_key: string, value: unknown): unknown {
  const isFunction = isObject(value) && ("_jsonata_lambda" in value || "_jsonata_function" in value);
  return isFunction ? undefined : value;
}

/** Coded JSONata errors are a sentence of their own, the others end AWS's sentence. */
function thrownReason(sentence: string, error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const text = message ?? String(error);
  return `${sentence} threw an error during evaluation${code ? `. ${code}: ${text}` : `: ${text}`}`;
}

const MOST_REMEMBERED = 1_000;
/** Compiled expressions that no evaluation uses, by their text: what one is given stays with its evaluation. */
const idle = new Map<string, Compiled[]>();

export function createExpressions(): Expressions {
  async function run(source: string, bindings: Bindings): Promise<unknown> {
    if (idle.size > MOST_REMEMBERED) idle.clear();
    const free = idle.get(source) ?? [];
    idle.set(source, free);
    const compiled = free.pop() ?? compile(source);
    try {
      return await compiled.evaluate(bindings);
    } finally {
      free.push(compiled);
    }
  }

  async function value(source: string, location: string, bindings: Bindings): Promise<Json> {
    const sentence = `The JSONata expression '${source}' specified for the field '${location}'`;
    let result: unknown;
    try {
      result = await run(source, bindings);
    } catch (error) {
      throw new EvaluationFailure(location, thrownReason(sentence, error));
    }
    // A function, a regular expression or undefined has no JSON form.
    const text = JSON.stringify(result, withoutFunctions) as string | undefined;
    if (result === undefined || text === undefined) {
      throw new EvaluationFailure(location, `${sentence} returned nothing (undefined).`);
    }
    return JSON.parse(text) as Json;
  }

  async function evaluate(template: Json, location: string, bindings: Bindings): Promise<Json> {
    const source = expressionIn(template);
    if (source !== undefined) return value(source, location, bindings);
    if (Array.isArray(template)) {
      return Promise.all(template.map((item, index) => evaluate(item, `${location}[${index}]`, bindings)));
    }
    if (typeof template !== "object" || template === null) return template;
    const result: Record<string, Json> = {};
    for (const [key, item] of Object.entries(template)) {
      result[key] = await evaluate(item, `${location}/${key}`, bindings);
    }
    return result;
  }

  return { evaluate };
}

/** AWS's words for a value of the wrong type in a field such as Condition or Seconds. */
export function wrongType(
  location: string,
  source: string,
  expected: string,
  value: Json,
): EvaluationFailure {
  const actual = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  return new EvaluationFailure(
    location,
    `The JSONata expression '${source}' specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${expected}', but was '${actual}' for value: ${JSON.stringify(value)}`,
  );
}
