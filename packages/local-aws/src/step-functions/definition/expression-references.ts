/** What a JSONata expression refers to, read from its syntax tree. */
import jsonata from "jsonata";
import { ADDED_FUNCTIONS } from "../engine/jsonata-functions.ts";
import { isObject, type PlainObject } from "./definition.ts";

export interface References {
  /** The expression does not parse. */
  readonly syntaxError?: string;
  readonly variables: ReadonlySet<string>;
  /** Members of `$states`, as paths of at most three names: `result`, `context.Task.Token`. */
  readonly statesMembers: ReadonlySet<string>;
  /** Names read from a context item, which Step Functions does not have. */
  readonly topLevelNames: ReadonlySet<string>;
}

const BUILT_IN = new Set([
  ..."sum count max min average string substring substringBefore substringAfter lowercase uppercase".split(
    " ",
  ),
  ..."length trim pad match contains replace split join formatNumber formatBase formatInteger".split(" "),
  ..."parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single".split(
    " ",
  ),
  ..."reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle".split(
    " ",
  ),
  ..."distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl".split(
    " ",
  ),
  ..."toMillis fromMillis clone now millis".split(" "),
  ...ADDED_FUNCTIONS,
]);

const MOST_REMEMBERED = 1_000;
const remembered = new Map<string, References>();

export function referencesOf(source: string): References {
  if (remembered.size > MOST_REMEMBERED) remembered.clear();
  const references = remembered.get(source) ?? readReferences(source);
  remembered.set(source, references);
  return references;
}

function readReferences(source: string): References {
  const found = { variables: new Set<string>(), locals: new Set<string>(), statesMembers: new Set<string>() };
  const topLevelNames = new Set<string>();
  const { variables, statesMembers } = found;
  try {
    collect(jsonata(source).ast(), true, { ...found, topLevelNames });
  } catch (error) {
    const { message } = error as { message?: string };
    return { syntaxError: message ?? String(error), variables, statesMembers, topLevelNames };
  }
  // `states`, built-in functions and what the expression binds itself are no workflow variables.
  const outer = [...variables].filter(
    (name) => name !== "" && name !== "states" && !found.locals.has(name) && !BUILT_IN.has(name),
  );
  return { variables: new Set(outer), statesMembers, topLevelNames };
}

interface Found {
  readonly variables: Set<string>;
  readonly locals: Set<string>;
  readonly statesMembers: Set<string>;
  readonly topLevelNames: Set<string>;
}

/** `atTop`: the node is evaluated against the context item of the whole expression, which is nothing. */
function collect(node: unknown, atTop: boolean, found: Found): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, atTop, found);
  } else if (isObject(node)) {
    note(node, atTop, found);
    for (const [key, child] of Object.entries(node)) {
      if (key === "ancestor" || key === "seekingParent") continue;
      collectChild(node, key, child, atTop, found);
    }
  }
}

/** Later steps, filters and groupings of a path see the value before them. */
function collectChild(node: PlainObject, key: string, child: unknown, atTop: boolean, found: Found): void {
  const isNested = ["stages", "predicate", "group", "update", "delete"].includes(key);
  if (node["type"] !== "path" || key !== "steps" || !Array.isArray(child)) {
    collect(child, atTop && !isNested, found);
    return;
  }
  const [first, ...later] = child as unknown[];
  collect(first, atTop, found);
  collect(later, false, found);
}

function note(node: PlainObject, atTop: boolean, found: Found): void {
  const { type, value } = node;
  if (type === "variable") found.variables.add(String(value));
  if (type === "name" && atTop) found.topLevelNames.add(String(value));
  if (type === "bind" && isObject(node["lhs"])) found.locals.add(String(node["lhs"]["value"]));
  if (type === "lambda" && Array.isArray(node["arguments"])) {
    for (const parameter of node["arguments"].filter(isObject)) found.locals.add(String(parameter["value"]));
  }
  for (const binding of [node["focus"], node["index"]]) {
    if (typeof binding === "string") found.locals.add(binding);
  }
  if (type === "path" && Array.isArray(node["steps"])) noteStates(node["steps"].filter(isObject), found);
}

function noteStates([first, ...rest]: PlainObject[], { statesMembers }: Found): void {
  if (first?.["type"] !== "variable" || first["value"] !== "states") return;
  const names = rest.slice(0, 3).map((step) => (step["type"] === "name" ? String(step["value"]) : "*"));
  statesMembers.add(names.join("."));
}
