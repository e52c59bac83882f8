/** GraphQL operations made from the schema: a field with its arguments as variables, and all of its scalars selected. */
import { readFileSync } from "node:fs";
import { type GraphQLField, getNamedType, isLeafType, isObjectType } from "graphql";
import { readSchema } from "../../packages/local-aws/src/appsync/schema.ts";

export const schema = readSchema(
  readFileSync(new URL("../../people/schema.graphql", import.meta.url), "utf8"),
);

type Field = GraphQLField<unknown, unknown>;

const ROOTS = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const fields = new Map<string, Field>(
  ROOTS.flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) => [`${type?.name}.${field.name}`, field] as const),
  ),
);

/** `Query.getPerson`, … */
export const operationNames: readonly string[] = [...fields.keys()];

export function fieldNamed(name: string): Field {
  const found = fields.get(name);
  if (!found) throw new Error(`the schema has no ${name}`);
  return found;
}

/** The operation's document. */
export function documentOf(name: string): string {
  const [root = ""] = name.split(".");
  const { args, name: field, type } = fieldNamed(name);
  const variables = args.map((one) => `$${one.name}: ${String(one.type)}`).join(", ");
  const passed = args.map((one) => `${one.name}: $${one.name}`).join(", ");
  const given = passed && `(${passed})`;
  return `${root.toLowerCase()} Asked${variables && `(${variables})`} { ${field}${given}${selectionOf(type)} }`;
}

/** No type of the schema leads back to itself. */
function selectionOf(type: Field["type"]): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return "";
  const parts = Object.values(named.getFields()).map((field) =>
    isLeafType(getNamedType(field.type)) ? field.name : `${field.name}${selectionOf(field.type)}`,
  );
  return ` { ${parts.join(" ")} }`;
}
