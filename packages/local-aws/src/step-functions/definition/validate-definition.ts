/**
 * Findings about a state machine that asl-validator does not see. Works on definitions with `${Name}` substitutions
 * in them. An empty list means that nothing was found.
 */
import { isObject, type PlainObject } from "./definition.ts";
import { checkErrorHandling } from "./check-error-handling.ts";
import { checkEval, checkExpressions } from "./check-expressions.ts";
import { checkLiterals, checkMachineTimeout } from "./check-literals.ts";
import { checkNames, checkReads } from "./check-variables.ts";
import { blocksOf } from "./places.ts";

/** What AWS refuses, and what it accepts although it fails when it runs. */
export function validateDefinition(definition: unknown): string[] {
  const evals = statesOf(definition).flatMap(({ state, path }) => checkEval(state, path));
  return [...refusedParts(definition), ...evals, ...checkReads(blocksOf(definition))];
}

/** What AWS refuses when a state machine is created. */
export function refusedParts(definition: unknown): string[] {
  if (!isObject(definition)) return ["The definition is not an object"];
  const perState = statesOf(definition).flatMap(({ state, path }) => [
    ...checkErrorHandling(state, path),
    ...checkLiterals(state, path),
    ...checkExpressions(state, path),
  ]);
  return [...checkMachineTimeout(definition), ...perState, ...checkNames(blocksOf(definition))];
}

function statesOf(definition: unknown): { state: PlainObject; path: string }[] {
  return blocksOf(definition).flatMap(({ states, path }) =>
    Object.entries(states).map(([name, state]) => ({ state, path: `${path}/States/${name}` })),
  );
}
