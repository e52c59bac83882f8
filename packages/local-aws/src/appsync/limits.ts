/** The bounds of one operation: how deep it goes and how many resolvers it runs, counted before any of them runs. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { GraphqlApi } from "./apis.ts";
import type { ErrorReply } from "./graphql-error.ts";

const MOST_RESOLVERS = 10_000;

interface Counted {
  readonly depth: number;
  readonly resolvers: number;
}

export function refuseTooMuch(
  api: GraphqlApi,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ErrorReply | undefined {
  const root = api.schema?.getRootType(operation.operation);
  const { depth, resolvers } = count(api, fragmentsIn(document), operation.selectionSet, root ?? undefined);
  const most = api.resolverLimit || MOST_RESOLVERS;
  if (api.depthLimit > 0 && depth > api.depthLimit) {
    return refusal("QueryDepthLimitReached", `Query depth ${depth} is over the limit of ${api.depthLimit}.`);
  }
  if (resolvers > most) {
    return refusal("ResolverCountLimitReached", `${resolvers} resolvers are over the limit of ${most}.`);
  }
  return undefined;
}

const refusal = (errorType: string, message: string): ErrorReply => ({
  path: null,
  locations: null,
  errorType,
  message,
});

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsIn({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** What introspection reads counts as depth: AWS does not say, and an app's generator must not be refused there. A document whose fragments go in circles does not get here. */
function count(
  api: GraphqlApi,
  fragments: Fragments,
  { selections }: SelectionSetNode,
  type: GraphQLNamedType | undefined,
): Counted {
  let depth = 0;
  let resolvers = 0;
  for (const selection of selections) {
    const found = ofSelection(selection);
    depth = Math.max(depth, found.depth);
    resolvers += found.resolvers;
    if (resolvers > MOST_RESOLVERS) break;
  }
  return { depth, resolvers };

  function ofSelection(selection: (typeof selections)[number]): Counted {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value);
      return fragment ? count(api, fragments, fragment.selectionSet, type) : { depth: 0, resolvers: 0 };
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return count(api, fragments, selection.selectionSet, type);
    const name = selection.name.value;
    const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
    const next = fields[name] && getNamedType(fields[name].type);
    const below = selection.selectionSet
      ? count(api, fragments, selection.selectionSet, next)
      : { depth: 0, resolvers: 0 };
    const own = type && api.resolvers.has(`${type.name}.${name}`) ? 1 : 0;
    return { depth: below.depth + 1, resolvers: below.resolvers + own };
  }
}
