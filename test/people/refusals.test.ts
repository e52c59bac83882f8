/** Requests that the API refuses with AppSync's errors, and without any write. */
import { getIntrospectionQuery } from "graphql";
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { PEOPLE } from "../../local/people.ts";
import { startWorld, type World } from "../world.ts";
import { type Asker, asker, CREATE_PERSON, LIST_PEOPLE, post } from "./graphql-world.ts";

let world: World;
let alice: Asker;

openForAll(startWorld, async (opened) => {
  world = opened;
  alice = await asker(world, "alice");
});

const LIST = JSON.stringify({ query: LIST_PEOPLE });

describe("a request without authorization", () => {
  test.each([
    ["no token", undefined, "Valid authorization header not provided."],
    ["no JWT", "meow", "Unable to parse JWT token."],
    ["a key that the pool does not have", forged(), "You are not authorized to make this call."],
  ])("with %s is answered 401", async (_what, token, message) => {
    const { status, errors } = await post(world, token, LIST);
    expect([status, errors]).toEqual([401, [{ errorType: "UnauthorizedException", message }]]);
  });

  test("with an ID token of the app's client is accepted", async () => {
    const { username: USERNAME, password: PASSWORD } = PEOPLE[0];
    const reply = await world.aws("cognito-idp", "InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: world.runtime.outputs["UserPoolClientId"],
      AuthParameters: { USERNAME, PASSWORD },
    });
    const { IdToken } = reply["AuthenticationResult"] as { IdToken: string };
    expect((await post(world, IdToken, LIST)).status).toBe(200);
  });
});

/** A token with an invented signature. */
function forged(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: "other" })}.${part({ sub: "alice" })}.c2lnbmVk`;
}

describe("a body with", () => {
  const UNREADABLE = [400, "MalformedHttpRequestException", "Unable to parse GraphQL query."] as const;
  test.each([
    ["nothing", "", 400, "MalformedHttpRequestException", "Request body is empty."],
    ["text other than JSON", "meow", ...UNREADABLE],
    ["an object without a query", "{}", ...UNREADABLE],
    ["a list", "[]", ...UNREADABLE],
    ["half a query", `{"query":"query {"}`, ...UNREADABLE],
    [
      "variables that are no object",
      `{"query":"{ listPeople { nextToken } }","variables":"x"}`,
      ...UNREADABLE,
    ],
    ["16,000 words", `{"query":"{ ${"a ".repeat(16_000)} }"}`, ...UNREADABLE],
    ["a megabyte", " ".repeat(1_048_577), 413, "RequestEntityTooLargeException", "Request too large."],
    [
      "two operations without a name",
      `{"query":"query A { listPeople { nextToken } } query B { listPeople { nextToken } }"}`,
      400,
      "BadRequestException",
      "Missing operation name.",
    ],
    [
      "a subscription",
      `{"query":"subscription { onDeletePerson { id } }"}`,
      400,
      "UnsupportedOperation",
      "Subscriptions are made through the real-time endpoint.",
    ],
  ])("%s is refused", async (_what, body, status, errorType, message) => {
    const answer = await post(world, alice.accessToken, body);
    expect([answer.status, answer.errors]).toEqual([status, [{ errorType, message }]]);
  });
});

describe("an operation that the schema does not allow", () => {
  const noData = { status: 200, data: null };
  test.each([
    ["{ meow }", "FieldUndefined"],
    ["{ listPeople { items { deviceToken } } }", "FieldUndefined"],
    ["{ listPeople }", "SubSelectionRequired"],
    ["{ getPerson { id } }", "MissingFieldArgument"],
    ["{ getPerson(id: 1, name: 2) { id } }", "UnknownArgument"],
    ['{ listPeople(limit: "two") { nextToken } }', "WrongType"],
    ["query ($x: Meow) { listPeople { nextToken } }", "UnknownType"],
    ["{ listPeople { ...Missing } }", "UndefinedFragment"],
    ['mutation { createPerson(input: { firstName: "A" }) { id } }', "WrongType"],
    ['mutation { createPerson(input: { firstName: "A", lastName: "B", owner: "C" }) { id } }', "WrongType"],
  ])("%s is refused with the kind of the error", async (query, kind) => {
    const answer = await alice.ask(query);
    expect(answer).toMatchObject(noData);
    expect(answer.errors[0]).toMatchObject({
      path: null,
      message: expect.stringContaining(`Validation error of type ${kind}:`),
    });
  });

  test.each([
    [{}, /input/],
    [{ input: { firstName: 5, lastName: "B" } }, /firstName/],
    [{ input: { firstName: "A", lastName: "B", createdAt: "now" } }, /createdAt/],
    [{ input: { firstName: "A", lastName: null } }, /lastName/],
  ])("the variables %j are refused, and the error names them", async (variables, message) => {
    const answer = await alice.ask(CREATE_PERSON, variables);
    expect(answer).toMatchObject(noData);
    expect(answer.errors[0]?.message).toMatch(message);
  });
});

describe("an operation that asks for too much", () => {
  test("for more resolvers than allowed is refused before any of them runs", async () => {
    const fields = Array.from(
      { length: 11 },
      (_, n) => `p${n}: createPerson(input: { firstName: "A", lastName: "B" }) { id }`,
    );
    const answer = await alice.ask(`mutation { ${fields.join(" ")} }`);
    expect(answer.errors).toMatchObject([{ errorType: "ResolverCountLimitReached" }]);
  });

  test.each([
    ["braces", "{ a ".repeat(4_900), "}".repeat(4_900)],
    ["fragments", `{ ${"... { ".repeat(2_900)} __typename`, "} ".repeat(2_901)],
  ])("in thousands of nested %s is refused, and the API stays up", async (_what, open, close) => {
    const answer = await alice.ask(`${open}${close}`);
    expect([answer.status, answer.errors[0]?.errorType]).toEqual([400, "MalformedHttpRequestException"]);
  });

  test("in a filter of thousands of levels is refused, and one of four levels is answered", async () => {
    const filtered = (levels: number) => {
      const filter = `${'{"not":'.repeat(levels)}{"firstName":{"eq":"{[("}}${"}".repeat(levels)}`;
      const body = `{"query":${JSON.stringify(LIST_PEOPLE)},"variables":{"filter":${filter}}}`;
      return post(world, alice.accessToken, body);
    };
    expect((await filtered(20_000)).status).toBe(400);
    expect((await filtered(4)).errors).toEqual([]);
  });

  test("the whole schema can be read, as code generators do, and its depth is limited", async () => {
    const answer = await alice.ask(getIntrospectionQuery());
    expect(answer.errors).toEqual([]);
    const deeper = `{ __type(name: "Call") { fields { type { ${"ofType { ".repeat(20)} name ${"} ".repeat(20)} } } } }`;
    expect((await alice.ask(deeper)).errors).toMatchObject([{ errorType: "QueryDepthLimitReached" }]);
  });
});

test("a browser may send requests from any origin", async () => {
  const reply = await world.runtime.http({
    method: "OPTIONS",
    path: "/graphql",
    query: "",
    headers: { "access-control-request-headers": "authorization,x-amz-user-agent" },
    sourceIp: "127.0.0.1",
  });
  expect([reply.status, reply.headers["access-control-allow-headers"]]).toEqual([
    200,
    "authorization,x-amz-user-agent",
  ]);
});

test("none of these requests has written anything", async () => {
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("PeopleTable"),
  });
  expect(Items).toEqual([]);
});
