/** What the schema, the events and the rules of calls must have in common. */
import { readFileSync } from "node:fs";
import {
  buildSchema,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  isNonNullType,
  parse,
} from "graphql";
import { expect, test } from "vitest";
import { CALL_STATUSES, LEG_STATUSES, MEDIA } from "../../calls/call.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import { LegUpdated } from "../../events/legs.ts";
import { resolverCode } from "../../infra/resolver-code.ts";
import { MAX_CODE_CHARACTERS } from "../../local/appsync/code/resolver-code.ts";
import { unsupportedPart } from "../../local/appsync/code/refuse-unsupported.ts";
import { readSchema } from "../../local/appsync/schema.ts";
import { PUBLISH_CALL_UPDATE } from "../../people/call-update.ts";
import { AROUND_STEPS, fields, type Step, steps } from "../../people/fields.ts";

const text = readFileSync(new URL("../../people/schema.graphql", import.meta.url), "utf8");
const schema = readSchema(text);

test.each([
  ["CallStatus", CALL_STATUSES],
  ["CallEndReason", END_REASONS],
  ["CallLegStatus", LEG_STATUSES],
  ["CallMedia", MEDIA],
])("%s has the words of calls", (name, words) => {
  const values = (schema.getType(name) as GraphQLEnumType).getValues().map((value) => value.name);
  expect(values).toEqual([...words]);
});

test("the event LegUpdated fits the input of publishCallUpdate, field by field", () => {
  const input = (schema.getType("CallUpdateInput") as GraphQLInputObjectType).getFields();
  const event = LegUpdated.schema.shape;
  expect(Object.keys(input).toSorted()).toEqual(Object.keys(event).toSorted());
  const needed = Object.entries(event).flatMap(([name, field]) => (field.isOptional() ? [] : [name]));
  const demanded = Object.values(input).flatMap(({ name, type }) => (isNonNullType(type) ? [name] : []));
  expect(demanded.toSorted()).toEqual(needed.toSorted());
});

test("the mutation of the event bus selects every field that a subscriber may ask for", () => {
  const call = Object.keys((schema.getType("Call") as GraphQLObjectType).getFields());
  const [definition] = parse(PUBLISH_CALL_UPDATE).definitions;
  const selected = JSON.stringify(definition);
  expect(call.filter((field) => !selected.includes(`"value":"${field}"`))).toEqual([]);
});

test("nothing in the schema is open to an API key", () => {
  expect(text).not.toMatch(/api_key|@aws_lambda|@aws_oidc/);
});

test("every field that is asked for at the root has its steps, and every step its source", () => {
  const roots = ["Query", "Mutation", "Subscription"].flatMap((root) =>
    Object.keys((schema.getType(root) as GraphQLObjectType).getFields()).map((field) => `${root}.${field}`),
  );
  expect(Object.keys(fields).toSorted()).toEqual(roots.toSorted());
  const used = new Set(Object.values(fields).flat());
  expect([...used].toSorted()).toEqual(Object.keys(steps).toSorted());
});

test.each([...(Object.keys(steps) as Step[]), AROUND_STEPS] as const)(
  "%s has nothing that AppSync's runtime has not",
  (name) => {
    const code = resolverCode(name);
    expect(unsupportedPart(code)).toBeUndefined();
    expect(code.length).toBeLessThan(MAX_CODE_CHARACTERS);
    expect(code).not.toMatch(/^import "/m);
    expect(code).toMatch(/export \{\n {2}request,\n {2}response\n\};/);
  },
);

test("the text is plain GraphQL for the tools of apps", () => {
  const scalars = "scalar AWSDateTime directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION";
  const directives =
    "directive @aws_iam on FIELD_DEFINITION | OBJECT directive @aws_cognito_user_pools on OBJECT";
  expect(() => buildSchema(`${scalars} ${directives} ${text}`)).not.toThrow();
});
