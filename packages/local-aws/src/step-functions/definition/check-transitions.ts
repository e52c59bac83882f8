/** Findings about ways between states: targets that are not there, states that no way leads to, names used twice. */
import { waysOf, type Block } from "./places.ts";

export function checkTransitions(block: Block): string[] {
  const missing = missingTargets(block);
  // Without a target it cannot be said what is out of reach.
  return missing.length > 0 ? missing : unreachableStates(block);
}

function missingTargets({ states, startAt, path }: Block): string[] {
  const ways = Object.entries(states).flatMap(([name, state]) =>
    waysOf(state).map(({ next, place }) => ({ target: next, at: `${path}/States/${name}/${place}` })),
  );
  return [{ target: startAt, at: `${path}/StartAt` }, ...ways]
    .filter(({ target }) => !Object.hasOwn(states, target))
    .map(({ target, at }) => {
      const field = at.slice(at.lastIndexOf("/") + 1);
      return `MISSING_TRANSITION_TARGET: Missing '${field}' target: ${target} at ${at}`;
    });
}

function unreachableStates({ states, startAt, path }: Block): string[] {
  const reached = new Set([startAt]);
  for (const name of reached) {
    for (const { next } of waysOf(states[name] ?? {})) reached.add(next);
  }
  return Object.keys(states)
    .filter((name) => !reached.has(name))
    .map((name) => `MISSING_TRANSITION_TARGET: State "${name}" is not reachable. at ${path}/States/${name}`);
}

/** Names of states are unique in the whole machine. */
export function checkDuplicateNames(blocks: readonly Block[]): string[] {
  const seen = new Set<string>();
  return blocks.flatMap(({ states, path }) =>
    Object.keys(states).flatMap((name) => {
      const isKnown = seen.has(name);
      seen.add(name);
      return isKnown ? [`DUPLICATE_STATE_NAME: Duplicate State name: ${name} at ${path}/States/${name}`] : [];
    }),
  );
}
