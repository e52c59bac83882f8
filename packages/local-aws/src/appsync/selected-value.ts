/**
 * What subscribers receive of a mutation: the fields that the mutation selected, by their own names, and no others.
 * Fields inside the result that have resolvers of their own are not looked up.
 */
import {
  type DocumentNode,
  type GraphQLResolveInfo,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { fragmentsIn, type Fragments } from "./limits.ts";

/** A field of a mutation that has succeeded. */
export interface MutatedField {
  readonly field: string;
  readonly result: unknown;
  readonly prepared: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode };
}

export function selectedValue({ field, result, prepared }: MutatedField): Record<string, unknown> {
  const fragments = fragmentsIn(prepared.document);
  const sets = fieldsIn(prepared.operation.selectionSet, fragments)
    .filter(({ name }) => name === field)
    .flatMap(({ below }) => below ?? []);
  return pick(result, sets, fragments) as Record<string, unknown>;
}

/** What an error says beside its message is shown as far as its field asks for it. */
export function selectedData(data: unknown, { fieldNodes, fragments }: GraphQLResolveInfo): unknown {
  const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return pick(data, sets, new Map(Object.entries(fragments)));
}

interface Selected {
  readonly name: string;
  readonly below: SelectionSetNode | undefined;
}

function fieldsIn({ selections }: SelectionSetNode, fragments: Fragments): Selected[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ name: selection.name.value, below: selection.selectionSet }];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet, fragments);
    const fragment = fragments.get(selection.name.value);
    return fragment ? fieldsIn(fragment.selectionSet, fragments) : [];
  });
}

function pick(value: unknown, sets: readonly SelectionSetNode[], fragments: Fragments): unknown {
  if (Array.isArray(value)) return value.map((one) => pick(one, sets, fragments));
  if (typeof value !== "object" || value === null || sets.length === 0) return value;
  const source = value as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const { name, below } of sets.flatMap((set) => fieldsIn(set, fragments))) {
    picked[name] = pick(source[name], below ? [below] : [], fragments);
  }
  return picked;
}
