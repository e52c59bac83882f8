/** Walks a definition: its sets of states, also those inside Parallel and Map, and the strings of each state. */
import { isObject, stringsIn, type PlainObject } from "./definition.ts";

export interface Block {
  readonly states: Readonly<Record<string, PlainObject>>;
  readonly startAt: string;
  readonly path: string;
  /** Map and Parallel state that the block is in. */
  readonly parent?: { readonly block: Block; readonly stateName: string } | undefined;
}

/** Outer blocks come before inner ones. */
export function blocksOf(definition: unknown, path = "", parent?: Block["parent"]): Block[] {
  if (!isObject(definition) || !isObject(definition["States"])) return [];
  const entries = Object.entries(definition["States"]).filter(([, state]) => isObject(state));
  const states = Object.fromEntries(entries) as Record<string, PlainObject>;
  const block: Block = { states, startAt: String(definition["StartAt"]), path, parent };
  const inner = Object.entries(states).flatMap(([stateName, state]) => {
    const place = `${path}/States/${stateName}`;
    const branches = Array.isArray(state["Branches"]) ? (state["Branches"] as unknown[]) : [];
    const inParallel = branches.map((branch, index) => [branch, `${place}/Branches[${index}]`] as const);
    const all = [...inParallel, [state["ItemProcessor"], `${place}/ItemProcessor`] as const];
    return all.flatMap(([nested, nestedPath]) => blocksOf(nested, nestedPath, { block, stateName }));
  });
  return [block, ...inner];
}

/** The strings of a state's own fields, without those of the states inside it. */
export function stringsOfState(state: PlainObject): { text: string; place: string }[] {
  const { Branches: _branches, ItemProcessor: _itemProcessor, ...own } = state;
  return Object.entries(own).flatMap(([field, value]) => [...stringsIn(value, field)]);
}

/** Where a state can go, and what it assigns on that way. */
export interface Way {
  readonly next: string;
  /** The field that says so: `Choices[0]/Next`. */
  readonly place: string;
  readonly assigned: readonly string[];
}

export function waysOf(state: PlainObject): Way[] {
  const own = keysOf(state["Assign"]);
  const way = (next: unknown, place: string, assigned: readonly string[]): Way[] =>
    typeof next === "string" ? [{ next, place, assigned }] : [];
  const inner = (field: "Choices" | "Catch"): Way[] =>
    listOf(state[field]).flatMap((rule, index) =>
      way(rule["Next"], `${field}[${index}]/Next`, keysOf(rule["Assign"])),
    );
  return [
    ...way(state["Next"], "Next", own),
    ...way(state["Default"], "Default", own),
    ...inner("Choices"),
    ...inner("Catch"),
  ];
}

/** A Map whose iterations are executions of their own. */
export function isDistributed({ ItemProcessor: processor }: PlainObject): boolean {
  const config = isObject(processor) ? processor["ProcessorConfig"] : undefined;
  return isObject(config) && config["Mode"] === "DISTRIBUTED";
}

export const keysOf = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);

export const listOf = (value: unknown): PlainObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
