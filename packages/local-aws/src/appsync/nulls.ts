/**
 * Null where the schema allows none, as graphql-java reports it: each such field by its path and its type (amplify-cli#5542).
 * graphql-js tells of the first alone, because that one is enough to make the parent null.
 */
import { type GraphQLResolveInfo, isNonNullType } from "graphql";
import type { ErrorReply } from "./graphql-error.ts";

type Path = readonly (string | number)[];

export interface Nulls {
  /** To be called with what a field is resolved to, before the field beside it is looked at; gives it back. */
  seen(value: unknown, info: GraphQLResolveInfo): unknown;
  /** All errors: instead of those that graphql-js has of nulls, every null that was seen. */
  reported(errors: readonly ErrorReply[]): ErrorReply[];
}

const WORDS_OF_GRAPHQL_JS = /^Cannot return null for non-nullable field \w+\.\w+\.$/;

export function watchNulls(): Nulls {
  const found: ErrorReply[] = [];
  return {
    seen(value, info) {
      const { returnType, parentType } = info;
      if ((value ?? null) !== null || !isNonNullType(returnType)) return value;
      const path = pathOf(info);
      const message = `Cannot return null for non-nullable type: '${String(returnType.ofType)}' within parent '${parentType.name}' (${written(path)})`;
      found.push({ path, locations: null, message });
      return value;
    },
    reported(errors) {
      const others = errors.filter(({ message }) => !WORDS_OF_GRAPHQL_JS.test(message));
      // A null in a list is no field, and was not seen.
      return others.length === errors.length ? [...errors] : [...others, ...found];
    },
  };
}

export function pathOf({ path }: Pick<GraphQLResolveInfo, "path">): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: typeof path | undefined = path; at; at = at.prev) keys.unshift(at.key);
  return keys;
}

const written = (path: Path): string =>
  path.map((key) => (typeof key === "number" ? `[${key}]` : `/${key}`)).join("");
