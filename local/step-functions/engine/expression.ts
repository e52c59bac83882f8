/** JSONata of a definition: compiled once, evaluated with variables and `$states`, failing in AWS's words. */
import jsonata from "jsonata";
import type { Json } from "../../door.ts";
import { expressionIn } from "../definition/definition.ts";
import { adaptToStepFunctions } from "./jsonata-functions.ts";

/** AWS stops an expression after one second; counted steps are the same on every machine. */
const MAX_EVALUATION_STEPS = 500_000;

/** Why a field could not be evaluated. `reason` completes AWS's sentence about the state. */
export class EvaluationFailure extends Error {
  readonly location: string;
  readonly reason: string;
  constructor(location: string, reason: string) {
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

function compile(source: string): Compiled {
  const expression = jsonata(source);
  let steps = 0;
  adaptToStepFunctions(expression);
  // jsonata's own hook for bounding an evaluation; its types know string names only.
  const hook = Symbol.for("jsonata.__evaluate_entry") as unknown as string;
  expression.assign(hook, () => {
    steps += 1;
    if (steps > MAX_EVALUATION_STEPS) throw new Error("Expression evaluation timeout");
  });
  return {
    evaluate(bindings) {
      steps = 0;
      return expression.evaluate(undefined, { ...bindings });
    },
  };
}

/** Coded JSONata errors are a sentence of their own, the others end AWS's sentence. */
function thrownReason(sentence: string, error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const text = message ?? String(error);
  return `${sentence} threw an error during evaluation${code ? `. ${code}: ${text}` : `: ${text}`}`;
}

export function createExpressions(): Expressions {
  const cache = new Map<string, Compiled>();

  function compiled(source: string): Compiled {
    const found = cache.get(source) ?? compile(source);
    cache.set(source, found);
    return found;
  }

  async function value(source: string, location: string, bindings: Bindings): Promise<Json> {
    const sentence = `The JSONata expression '${source}' specified for the field '${location}'`;
    let result: unknown;
    try {
      result = await compiled(source).evaluate(bindings);
    } catch (error) {
      throw new EvaluationFailure(location, thrownReason(sentence, error));
    }
    // A function, a regular expression or undefined has no JSON form.
    const text = JSON.stringify(result) as string | undefined;
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
