/** Values that the GraphQL schema allows for an argument, as JSON texts; with some odd ones among them. */
import fc from "fast-check";
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";
import { objectOf, oddJson, oddText } from "./odd-json.ts";
import { fieldNamed } from "./operations.ts";

export type Known = (name: string) => readonly string[];

/** Filters lead back to themselves. */
const MAX_LEVELS = 3;
/** GraphQL refuses a value of another type before any resolver runs, so most are of the right one. */
const RIGHT_TO_ODD = 60;

/** The text of an operation's variables. */
export function variablesFor(operation: string, known: Known): fc.Arbitrary<string> {
  const members = fieldNamed(operation).args.map(({ name, type }) => member(name, type, known, 0));
  return fc.tuple(...members).map((some) => objectOf(some.flat()));
}

type Members = readonly (readonly [name: string, json: string])[];

function member(name: string, type: GraphQLInputType, known: Known, level: number): fc.Arbitrary<Members> {
  const given = valueOf(name, type, known, level).map((json): Members => [[name, json]]);
  const odd = oddJson.map((json): Members => [[name, json]]);
  const none = fc.constant<Members>([]);
  return fc.oneof(
    { weight: RIGHT_TO_ODD, arbitrary: given },
    { weight: isNonNullType(type) ? 0 : RIGHT_TO_ODD * (level + 1), arbitrary: none },
    { weight: 1, arbitrary: odd },
  );
}

function valueOf(name: string, type: GraphQLInputType, known: Known, level: number): fc.Arbitrary<string> {
  if (isNonNullType(type)) return valueOf(name, type.ofType, known, level);
  if (isListType(type)) {
    const items = valueOf(name, type.ofType, known, level + 1);
    return fc.array(items, { maxLength: 3 }).map((some) => `[${some.join(",")}]`);
  }
  if (isInputObjectType(type)) return inputObject(type, known, level);
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map((one) => JSON.stringify(one.name)));
  switch (type.name) {
    case "Boolean":
      return fc.constantFrom("true", "false");
    case "Int":
      return fc.constantFrom("0", "1", "-1", "100", "1001", "2147483647", "2147483648");
    case "Float":
      return fc.constantFrom("0", "-0", "1e308", "1767258007000");
    default:
      return textFor(name, known);
  }
}

function inputObject(type: GraphQLInputObjectType, known: Known, level: number): fc.Arbitrary<string> {
  if (level >= MAX_LEVELS) return fc.constant("{}");
  const members = Object.values(type.getFields()).map((field) =>
    member(field.name, field.type, known, level + 1),
  );
  return fc.tuple(...members).map((some) => objectOf(some.flat()));
}

function textFor(name: string, known: Known): fc.Arbitrary<string> {
  const some = known(name);
  const usual =
    some.length > 0 ? fc.constantFrom(...some) : fc.constantFrom("Al", "alice", "2026-01-01T00:00:00Z");
  return fc
    .oneof({ weight: 2, arbitrary: usual }, { weight: 1, arbitrary: oddText })
    .map((text) => JSON.stringify(text));
}
