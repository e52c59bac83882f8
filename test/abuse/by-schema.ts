/** Values that a JSON schema of the OpenAPI document allows, as JSON texts; with some odd ones among them. */
import fc from "fast-check";
import { ODD_NAMES, objectOf, oddJson } from "./odd-json.ts";

export type Schema = Readonly<Record<string, unknown>>;

export interface Sources {
  /** Resolves `#/components/…`. */
  readonly resolve: (ref: string) => Schema;
  /** Ids and the like that exist, by the name of the member. */
  readonly known: (name: string) => readonly string[];
}

/** One value in so many is odd. */
const ODD_IN = 8;

export function valueOf(schema: Schema, name: string, sources: Sources): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: ODD_IN - 1, arbitrary: allowed(schema, name, sources) },
    { weight: 1, arbitrary: oddJson },
  );
}

function allowed(schema: Schema, name: string, sources: Sources): fc.Arbitrary<string> {
  const {
    $ref,
    enum: values,
    anyOf,
    oneOf,
  } = schema as { $ref?: string; enum?: unknown[]; anyOf?: Schema[]; oneOf?: Schema[] };
  if ($ref !== undefined) return valueOf(sources.resolve($ref), name, sources);
  if ("const" in schema) return fc.constant(JSON.stringify(schema["const"]));
  if (values) return fc.constantFrom(...values.map((value) => JSON.stringify(value)));
  const choices = anyOf ?? oneOf;
  if (choices) return fc.oneof(...choices.map((one) => valueOf(one, name, sources)));
  return ofType(schema, name, sources);
}

function ofType(schema: Schema, name: string, sources: Sources): fc.Arbitrary<string> {
  switch (schema["type"]) {
    case "object":
      return objectBy(schema, sources);
    case "array":
      return arrayBy(schema, name, sources);
    case "boolean":
      return fc.constantFrom("true", "false");
    case "integer":
    case "number":
      return integerBy(schema);
    case "null":
      return fc.constant("null");
    default:
      return textBy(schema, name, sources);
  }
}

/** Members in any order; those not required may lack, and there may be one too many. */
export function objectBy(schema: Schema, sources: Sources): fc.Arbitrary<string> {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const members = Object.entries(properties).map(([name, property]) => {
    const json = valueOf(property, name, sources);
    const present = required.includes(name) ? json : fc.option(json, { nil: undefined });
    return present.map((given) => (given === undefined ? [] : [[name, given] as const]));
  });
  const extra = fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...ODD_NAMES), oddJson).map((member) => [member]) },
  );
  return fc.tuple(...members, extra).map((some) => objectOf(some.flat() as [string, string][]));
}

const arrayBy = ({ items = {} }: { items?: Schema }, name: string, sources: Sources): fc.Arbitrary<string> =>
  fc.array(valueOf(items, name, sources), { maxLength: 4 }).map((some) => `[${some.join(",")}]`);

/** At the edges of what is allowed, on both sides. */
function integerBy({
  minimum = 0,
  maximum = Number.MAX_SAFE_INTEGER,
}: {
  minimum?: number;
  maximum?: number;
}): fc.Arbitrary<string> {
  return fc.constantFrom(minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1).map(String);
}

function textBy(_schema: Schema, name: string, { known }: Sources): fc.Arbitrary<string> {
  const some = known(name);
  const texts = some.length > 0 ? fc.constantFrom(...some) : fc.string({ minLength: 1, maxLength: 20 });
  return texts.map((text) => JSON.stringify(text));
}
