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
import type { $ZodType } from "zod/v4/core";
import { CALL_STATUSES, LEG_STATUSES, MEDIA } from "../../calls/call.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import { CLIENT_CHANGES, ClientUpdated } from "../../events/clients.ts";
import { LegUpdated } from "../../events/legs.ts";
import { resolverCode } from "../../infra/resolver-code.ts";
import { MAX_CODE_CHARACTERS } from "../../packages/local-aws/src/appsync/code/resolver-code.ts";
import { unsupportedPart } from "../../packages/local-aws/src/appsync/code/refuse-unsupported.ts";
import { readSchema } from "../../packages/local-aws/src/appsync/schema.ts";
import { PUBLISH_CALL_UPDATE, PUBLISH_CLIENT_UPDATE } from "../../people/live-updates.ts";
import { AROUND_FILTERED, AROUND_STEPS, fields, type Step, steps } from "../../people/fields.ts";

const text = readFileSync(new URL("../../people/schema.graphql", import.meta.url), "utf8");
const schema = readSchema(text);

test.each([
  ["CallStatus", CALL_STATUSES],
  ["CallEndReason", END_REASONS],
  ["ClientChange", CLIENT_CHANGES],
  ["CallLegStatus", LEG_STATUSES],
  ["CallMedia", MEDIA],
])("%s has the same values as in calls", (name, words) => {
  const values = (schema.getType(name) as GraphQLEnumType).getValues().map((value) => value.name);
  expect(values).toEqual([...words]);
});

test.each([
  ["CallUpdateInput", LegUpdated],
  ["ClientUpdateInput", ClientUpdated],
])("%s has the fields of the event from the bus", (type, { schema: { shape } }) => {
  const input = (schema.getType(type) as GraphQLInputObjectType).getFields();
  const event: Record<string, $ZodType> = shape;
  expect(Object.keys(input).toSorted()).toEqual(Object.keys(event).toSorted());
  const needed = Object.entries(event).flatMap(([name, field]) =>
    field._zod.optin === "optional" ? [] : [name],
  );
  const demanded = Object.values(input).flatMap(({ name, type }) => (isNonNullType(type) ? [name] : []));
  expect(demanded.toSorted()).toEqual(needed.toSorted());
});

test.each([
  ["Call", PUBLISH_CALL_UPDATE],
  ["ClientUpdate", PUBLISH_CLIENT_UPDATE],
])("the event bus's mutation of a %s selects every field that a subscriber may select", (type, document) => {
  const known = Object.keys((schema.getType(type) as GraphQLObjectType).getFields());
  const [definition] = parse(document).definitions;
  const selected = JSON.stringify(definition);
  expect(known.filter((field) => !selected.includes(`"value":"${field}"`))).toEqual([]);
});

test("every field for people starts with the check whether they may act", () => {
  const ofPeople = Object.entries(fields).filter(([name]) => !name.startsWith("Mutation.publish"));
  expect(ofPeople.filter(([, [first]]) => first !== "may-act")).toEqual([]);
});

test("nothing in the schema is open to an API key", () => {
  expect(text).not.toMatch(/api_key|@aws_lambda|@aws_oidc/);
});

test("every root field has its steps, and every step has its source", () => {
  const roots = ["Query", "Mutation", "Subscription"].flatMap((root) =>
    Object.keys((schema.getType(root) as GraphQLObjectType).getFields()).map((field) => `${root}.${field}`),
  );
  expect(Object.keys(fields).toSorted()).toEqual(roots.toSorted());
  const used = new Set(Object.values(fields).flat());
  expect([...used].toSorted()).toEqual(Object.keys(steps).toSorted());
});

test.each([...(Object.keys(steps) as Step[]), AROUND_STEPS, ...AROUND_FILTERED] as const)(
  "%s uses nothing that AppSync's runtime lacks",
  (name) => {
    const code = resolverCode(name);
    expect(unsupportedPart(code)).toBeUndefined();
    expect(code.length).toBeLessThan(MAX_CODE_CHARACTERS);
    expect(code).not.toMatch(/^import "/m);
    expect(code).toMatch(/export \{\n {2}request,\n {2}response\n\};/);
  },
);

test("the schema is plain GraphQL for the apps' tools", () => {
  const scalars = "scalar AWSDateTime directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION";
  const directives =
    "directive @aws_iam on FIELD_DEFINITION | OBJECT directive @aws_cognito_user_pools on OBJECT";
  expect(() => buildSchema(`${scalars} ${directives} ${text}`)).not.toThrow();
});
