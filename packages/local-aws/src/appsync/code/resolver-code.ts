/**
 * The code of a resolver or function: APPSYNC_JS, run as it would be uploaded.
 *
 * C1 It runs in a context of its own, without a clock, randomness, timers or input: only with what `util` gives it.
 * C2 What goes in and what comes out is JSON, as on AWS: nothing is shared with the runtime.
 * C3 It runs to its end without a pause, so what it says to `util` belongs to the one invocation that runs.
 */
import { createContext, Script } from "node:vm";
import type { Shape } from "../../local-aws.ts";
import { FieldError } from "../graphql-error.ts";
import { moduleAsFunction } from "./module-as-function.ts";
import { unsupportedPart } from "./refuse-unsupported.ts";

export const MAX_CODE_CHARACTERS = 32_000;

export type Handler = "request" | "response";

/** A code that returned before its end and wants what follows to be skipped. */
export class EarlyReturn extends Error {
  readonly value: unknown;
  readonly skipTo: "END" | "NEXT";
  readonly stash: Shape;

  constructor(value: unknown, skipTo: "END" | "NEXT", stash: Shape = {}) {
    super("early return");
    this.value = value;
    this.skipTo = skipTo;
    this.stash = stash;
  }
}

export interface Evaluated {
  readonly result: unknown;
  readonly stash: Shape;
}

/** What code imports. */
export interface CodeTools {
  readonly util: object;
  readonly extensions: object;
  readonly runtime: object;
}

export interface ResolverCode {
  /** Throws FieldError for what the code raises itself, and EarlyReturn. */
  run(handler: Handler, context: Shape, tools: CodeTools): Evaluated;
}

export function loadCode(text: string): ResolverCode {
  if (text.length > MAX_CODE_CHARACTERS) {
    throw new Error(`the code has ${text.length} characters, and ${MAX_CODE_CHARACTERS} are allowed`);
  }
  const unsupported = unsupportedPart(text);
  if (unsupported) throw new Error(`the code contains one or more errors: ${unsupported} is not supported`);
  const source = moduleAsFunction(text);
  let compiled: Compiled | undefined;
  return {
    run(handler, context, tools) {
      compiled ??= compile(source);
      return invoke(compiled, handler, context, tools);
    },
  };
}

interface Compiled {
  /** Takes the tools and returns the exports of the code. */
  readonly create: (tools: CodeTools) => Partial<Record<Handler, (context: Shape) => unknown>>;
  readonly parse: (text: string) => Shape;
}

/** One context for all codes: it has nothing that one could leave behind for another. */
let sandbox: object | undefined;

const WITHOUT = ["Date", "Promise", "RegExp", "Function", "eval", "Symbol", "Proxy", "Reflect", "Map", "Set"];
const ALSO_WITHOUT = ["WeakMap", "WeakSet", "WeakRef", "Atomics", "SharedArrayBuffer", "WebAssembly", "Intl"];

/** The methods of arrays that AWS's guide lists; `includes` is not among them. */
const ARRAY_METHODS = [
  "concat",
  "fill",
  "flat",
  "indexOf",
  "join",
  "lastIndexOf",
  "pop",
  "push",
  "reverse",
  "shift",
  "slice",
  "sort",
  "splice",
  "unshift",
  "forEach",
  "map",
  "flatMap",
  "filter",
  "reduce",
  "reduceRight",
  "find",
  "some",
  "every",
  "findIndex",
  "findLast",
  "findLastIndex",
];
const OTHER_ARRAY_METHODS = Object.getOwnPropertyNames(Array.prototype).filter(
  (name) => name !== "length" && name !== "constructor" && !ARRAY_METHODS.includes(name),
);

function compile(source: string): Compiled {
  sandbox ??= createSandbox();
  return {
    // The context gives back what these two texts say.
    create: new Script(source).runInContext(sandbox) as Compiled["create"],
    parse: new Script("(text) => JSON.parse(text)").runInContext(sandbox) as Compiled["parse"],
  };
}

function createSandbox(): object {
  const created = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  const drop = [...WITHOUT, ...ALSO_WITHOUT].map((name) => `delete globalThis.${name};`);
  const dropMethods = OTHER_ARRAY_METHODS.map((name) => `delete Array.prototype.${name};`);
  new Script(`${drop.join("")} ${dropMethods.join("")} delete Math.random;`).runInContext(created);
  return created;
}

function invoke({ create, parse }: Compiled, handler: Handler, context: Shape, tools: CodeTools): Evaluated {
  const given = parse(JSON.stringify(context));
  given["args"] = given["arguments"];
  try {
    const run = create(tools)[handler];
    if (!run) throw new FieldError(`the code has no ${handler} handler`, "Code");
    const result = run(given);
    return { result: asJson(result), stash: asJson(given["stash"]) as Shape };
  } catch (error) {
    if (error instanceof EarlyReturn) {
      throw new EarlyReturn(asJson(error.value), error.skipTo, asJson(given["stash"]) as Shape);
    }
    if (error instanceof FieldError) throw error;
    const message = (error as { message?: string } | undefined)?.message ?? String(error);
    throw new FieldError(`Runtime Error: ${message}`, "Code");
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}
