/** Which variables each state reads, as DescribeStateMachine shows them. */
import { expressionIn } from "./definition.ts";
import { referencesOf } from "./expression-references.ts";
import { blocksOf, stringsOfState } from "./places.ts";

export function variableReferences(definition: unknown): Record<string, string[]> {
  const perState = blocksOf(definition).flatMap(({ states }) =>
    Object.entries(states).map(([name, state]) => {
      const sources = stringsOfState(state).map(({ text }) => expressionIn(text));
      const names = sources.flatMap((source) =>
        source === undefined ? [] : [...referencesOf(source).variables],
      );
      return [name, [...new Set(names)].toSorted()] as const;
    }),
  );
  return Object.fromEntries(perState.filter(([, names]) => names.length > 0));
}
