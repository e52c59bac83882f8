/** Findings about variables: names, and reading one that no way to the state has assigned. */
import { expressionIn, type PlainObject } from "./definition.ts";
import { referencesOf } from "./expression-references.ts";
import { isDistributed, keysOf, listOf, stringsOfState, waysOf, type Block } from "./places.ts";

const VARIABLE_NAME = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

/** Names that AWS refuses. */
export function checkNames(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    Object.entries(block.states).flatMap(([name, state]) =>
      checkNamesOf(state, block, `${block.path}/States/${name}`),
    ),
  );
}

/** Reads that fail when they run; AWS accepts them in a definition. */
export function checkReads(blocks: readonly Block[]): string[] {
  const readable = new Map<Block, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const block of blocks) {
    const outer = isSeparate(block)
      ? undefined
      : block.parent && readable.get(block.parent.block)?.get(block.parent.stateName);
    readable.set(block, assignedBefore(block, outer ?? new Set()));
  }
  return blocks.flatMap((block) =>
    Object.entries(block.states).flatMap(([name, state]) =>
      checkReadsOf(state, readable.get(block)?.get(name), `${block.path}/States/${name}`),
    ),
  );
}

/** For each state that can be reached: the variables that some way to it has assigned. */
function assignedBefore(block: Block, outer: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const before = new Map<string, Set<string>>([[block.startAt, new Set(outer)]]);
  const open = [block.startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const known = before.get(name) ?? new Set();
    for (const { next, assigned } of waysOf(block.states[name] ?? {})) {
      const there = before.get(next);
      const union = new Set([...(there ?? []), ...known, ...assigned]);
      if (there && union.size === there.size) continue;
      before.set(next, union);
      open.push(next);
    }
  }
  return before;
}

/** A child execution of a distributed Map has no variables of the outer scope. */
function isSeparate({ parent }: Block): boolean {
  const outer = parent?.block.states[parent.stateName];
  return outer !== undefined && isDistributed(outer);
}

function assignmentsOf(state: PlainObject): string[] {
  const inner = [...listOf(state["Choices"]), ...listOf(state["Catch"])];
  return [state["Assign"], ...inner.map((each) => each["Assign"])].flatMap(keysOf);
}

function checkNamesOf(state: PlainObject, block: Block, path: string): string[] {
  const outerNames = new Set<string>();
  for (let at: Block | undefined = block; at?.parent && !isSeparate(at); at = at.parent.block) {
    const outer = at.parent.block;
    for (const each of Object.values(outer.states)) {
      for (const name of assignmentsOf(each)) outerNames.add(name);
    }
  }
  return assignmentsOf(state).flatMap((name) => {
    if (name === "states") return [`The variable name 'states' is reserved at ${path}/Assign`];
    if (!VARIABLE_NAME.test(name)) return [`'${name}' is not a valid variable name at ${path}/Assign`];
    return outerNames.has(name) ? [`The variable '${name}' belongs to an outer scope at ${path}/Assign`] : [];
  });
}

function checkReadsOf(state: PlainObject, assigned: ReadonlySet<string> | undefined, path: string): string[] {
  if (!assigned) return [];
  return stringsOfState(state).flatMap(({ text, place }) => {
    const source = expressionIn(text);
    const names = source === undefined ? [] : [...referencesOf(source).variables];
    return names
      .filter((name) => name !== "eval" && !assigned.has(name))
      .map((name) => `The variable '$${name}' is not assigned before it is read at ${path}/${place}`);
  });
}
