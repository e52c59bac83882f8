/** The directory: every signed-in person reads it, and owners write it; through the synthesized template in virtual time. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import {
  answered,
  type Asker,
  asker,
  CREATE_PERSON,
  DELETE_PERSON,
  type GraphqlAnswer,
  GET_PERSON,
  LIST_PEOPLE,
  newcomer,
  UPDATE_PERSON,
} from "./graphql-world.ts";

let world: World;
let alice: Asker;
let bob: Asker;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await asker(world, "alice"), await asker(world, "bob")];
});
beforeEach(async () => {
  const TableName = world.runtime.physicalId("PeopleTable");
  for (const { id } of await stored()) await world.aws("dynamodb", "DeleteItem", { TableName, Key: { id } });
});

type Person = Record<string, string | null>;
const person = (answer: { data?: Record<string, unknown> | null | undefined }, field: string) =>
  answer.data?.[field] as Person | null;

async function create(who: Asker, input: Record<string, unknown>): Promise<Person> {
  const answer = await who.ask(CREATE_PERSON, { input });
  expect(answer.errors).toEqual([]);
  return person(answer, "createPerson") ?? {};
}
const stored = async (): Promise<Record<string, unknown>[]> => {
  const TableName = world.runtime.physicalId("PeopleTable");
  return (await world.aws("dynamodb", "Scan", { TableName }))["Items"] as Record<string, unknown>[];
};
const names = (answer: GraphqlAnswer, field = "listPeople"): string[] =>
  answered<{ items: Person[] }>(answer, field).items.map(({ firstName }) => String(firstName));

describe("a person", () => {
  test("is created with an id and times, and any signed-in person can read it", async () => {
    const created = await create(alice, { firstName: "Alice", lastName: "Adams" });
    const now = new Date(world.clock.now()).toISOString();
    expect(created).toMatchObject({
      firstName: "Alice",
      clientId: null,
      __typename: "Person",
      createdAt: now,
      updatedAt: now,
    });
    expect(created["id"]).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await bob.ask(GET_PERSON, { id: created["id"] });
    expect(answer).toEqual({ status: 200, data: { getPerson: created }, errors: [] });
  });

  test("keeps the app's id, which no second entry can have", async () => {
    const first = await create(alice, { id: "alice-1", firstName: "Alice", lastName: "Adams" });
    expect(first["id"]).toBe("alice-1");
    const again = await bob.ask(CREATE_PERSON, {
      input: { id: "alice-1", firstName: "Bob", lastName: "Brown" },
    });
    expect(again.data).toEqual({ createPerson: null });
    expect(again.errors[0]?.errorType).toBe("Unauthorized");
    expect(await stored()).toHaveLength(1);
  });

  test("can only name a client of its owner", async () => {
    const phone = await world.phone("bob");
    const input = { firstName: "Bob", lastName: "Brown", clientId: phone.clientId };
    const stolen = await alice.ask(CREATE_PERSON, { input });
    expect(stolen.errors).toMatchObject([
      {
        errorType: "Unauthorized",
        path: ["createPerson"],
        message: "Not Authorized to access createPerson on type Mutation",
      },
    ]);
    const unknown = await alice.ask(CREATE_PERSON, { input: { ...input, clientId: "nobody" } });
    expect(unknown.errors[0]?.errorType).toBe("Unauthorized");
    expect(await stored()).toEqual([]);
    const created = await create(bob, input);
    expect(created["clientId"]).toBe(phone.clientId);
    const mine = await create(alice, { id: "a", firstName: "Alice", lastName: "Adams" });
    const moved = await alice.ask(UPDATE_PERSON, { input: { id: mine["id"], clientId: phone.clientId } });
    expect(moved.errors[0]?.errorType).toBe("Unauthorized");
  });

  test("changes the given fields, keeps the others, and can lose its client", async () => {
    const { clientId } = await world.phone("alice");
    const { id } = await create(alice, { firstName: "Alice", lastName: "Adams", clientId });
    await world.clock.advance(60_000);
    const renamed = await alice.ask(UPDATE_PERSON, { input: { id, lastName: "Abel" } });
    expect(person(renamed, "updatePerson")).toMatchObject({ firstName: "Alice", lastName: "Abel", clientId });
    const { createdAt = "", updatedAt = "" } = person(renamed, "updatePerson") ?? {};
    expect(Date.parse(String(updatedAt)) - Date.parse(String(createdAt))).toBe(60_000);
    const without = await alice.ask(UPDATE_PERSON, { input: { id, clientId: null } });
    expect(person(without, "updatePerson")).toMatchObject({ lastName: "Abel", clientId: null });
  });

  test("can only be changed by its owner, and only be deleted by its owner or an operator", async () => {
    const { id } = await create(alice, { firstName: "Alice", lastName: "Adams" });
    for (const [query, input] of [
      [UPDATE_PERSON, { id, firstName: "Mallory" }],
      [DELETE_PERSON, { id }],
    ] as const) {
      expect((await bob.ask(query, { input })).errors[0]?.errorType).toBe("Unauthorized");
    }
    const olivia = await asker(world, "olivia");
    expect((await olivia.ask(UPDATE_PERSON, { input: { id, firstName: "Mallory" } })).errors).toHaveLength(1);
    expect(person(await bob.ask(GET_PERSON, { id }), "getPerson")).toMatchObject({ firstName: "Alice" });
    expect(person(await olivia.ask(DELETE_PERSON, { input: { id } }), "deletePerson")).toMatchObject({ id });
    expect(await stored()).toEqual([]);
  });

  test("is deleted once by its owner", async () => {
    const { id } = await create(alice, { firstName: "Alice", lastName: "Adams" });
    expect((await alice.ask(DELETE_PERSON, { input: { id } })).errors).toEqual([]);
    const again = await alice.ask(DELETE_PERSON, { input: { id } });
    expect(again.errors[0]?.errorType).toBe("DynamoDB:ConditionalCheckFailedException");
    expect(person(await alice.ask(GET_PERSON, { id }), "getPerson")).toBeNull();
  });

  test("changes only if the request's condition is met", async () => {
    const { id } = await create(alice, { firstName: "Alice", lastName: "Adams" });
    const change = (condition: object) =>
      alice.ask(UPDATE_PERSON, { input: { id, lastName: "Abel" }, condition });
    const refused = await change({ lastName: { eq: "Zola" } });
    expect(refused.errors[0]?.errorType).toBe("DynamoDB:ConditionalCheckFailedException");
    expect(
      (await change({ or: [{ lastName: { beginsWith: "Z" } }, { not: { lastName: { size: { gt: 9 } } } }] }))
        .errors,
    ).toEqual([]);
  });

  test.each([
    [{ firstName: "", lastName: "Adams" }, "firstName"],
    [{ firstName: "Alice", lastName: "x".repeat(81) }, "lastName"],
    [{ id: "", firstName: "Alice", lastName: "Adams" }, "id"],
    [{ firstName: "Alice", lastName: "Adams", clientId: "" }, "clientId"],
  ])("%j is refused, and the error names the field", async (input, field) => {
    const { errors } = await alice.ask(CREATE_PERSON, { input });
    expect(errors).toMatchObject([
      { errorType: "ValidationError", message: expect.stringMatching(`^${field} must have 1 to`) },
    ]);
    expect(await stored()).toEqual([]);
  });
});

describe("a list of people", () => {
  const everybody = ["Ada", "Adam", "ana", "Bea", "Zoë"];
  let late: Asker;
  let owners: Asker[];
  beforeAll(async () => {
    const others = ["carol", "dave", "olivia"] as const;
    owners = [alice, bob, ...(await Promise.all(others.map((one) => asker(world, one))))];
    late = await asker(world, await newcomer(world, "aaron"));
  });
  beforeEach(async () => {
    for (const [n, owner] of owners.entries()) {
      await create(owner, { id: `p${n}`, firstName: everybody[n], lastName: `Last-${9 - n}` });
    }
  });

  test("is the same under both names that Amplify has given it", async () => {
    const [people, persons] = [
      await bob.ask(LIST_PEOPLE),
      await bob.ask(LIST_PEOPLE.replaceAll("listPeople", "listPersons")),
    ];
    expect(names(people).toSorted()).toEqual(everybody.toSorted());
    expect(names(persons, "listPersons")).toEqual(names(people));
  });

  test.each([
    [{ firstName: { eq: "Ada" } }, ["Ada"]],
    [{ firstName: { ne: "Ada" } }, ["Adam", "Bea", "Zoë", "ana"]],
    [{ firstName: { between: ["Adam", "Bea"] } }, ["Adam", "Bea"]],
    [{ firstName: { beginsWith: "Ad" } }, ["Ada", "Adam"]],
    [{ firstName: { beginsWith: "A" }, lastName: { gt: "Last-8" } }, ["Ada"]],
    [{ lastName: { beginsWith: "Last-5" } }, ["Zoë"]],
    [{ firstName: { contains: "a", notContains: "d" } }, ["Bea", "ana"]],
    [{ or: [{ firstName: { lt: "Adam" } }, { firstName: { ge: "Zoë", le: "Zoë" } }] }, ["Ada", "Zoë"]],
    [{ and: [{ firstName: { size: { le: 3 } } }, { not: { id: { eq: "p0" } } }] }, ["Bea", "Zoë", "ana"]],
    [{ clientId: { attributeExists: false }, id: { attributeType: "string", eq: "p3" } }, ["Bea"]],
    // A missing attribute does not equal null, so AppSync finds no entry.
    [{ clientId: { eq: null } }, []],
  ] as const)("%j keeps %j", async (filter, kept) => {
    const answer = await bob.ask(LIST_PEOPLE, { filter });
    expect(names(answer).toSorted()).toEqual(kept.toSorted());
  });

  test("comes in pages that contain each entry once", async () => {
    const seen: string[] = [];
    let nextToken: string | null = null;
    do {
      const answer = await bob.ask(LIST_PEOPLE, { limit: 2, nextToken });
      const page = answered<{ items: Person[]; nextToken: string | null }>(answer, "listPeople");
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...names(answer));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen.toSorted()).toEqual(everybody.toSorted());
  });

  test("is searched by the beginning of a name, in order and page by page, without a scan of the table", async () => {
    const from = world.happened.length;
    const search = (variables: object) =>
      bob.ask(
        `query ($name: String!, $by: PersonName, $limit: Int, $nextToken: String) {
          searchPeople(name: $name, by: $by, limit: $limit, nextToken: $nextToken) { items { id firstName } nextToken }
        }`,
        { ...variables },
      );
    const first = await search({ name: "a", limit: 2 });
    expect(names(first, "searchPeople")).toEqual(["Ada", "Adam"]);
    await create(late, { id: "late", firstName: "Aaron", lastName: "X" });
    const { nextToken } = answered<{ nextToken: string }>(first, "searchPeople");
    expect(names(await search({ name: "a", limit: 2, nextToken }), "searchPeople")).toEqual(["ana"]);
    expect(names(await search({ name: "last-5", by: "lastName" }), "searchPeople")).toEqual(["Zoë"]);
    expect(names(await search({ name: " " }), "searchPeople")).toEqual([
      "Aaron",
      "Ada",
      "Adam",
      "ana",
      "Bea",
      "Zoë",
    ]);
    await bob.ask(LIST_PEOPLE, { filter: { firstName: { beginsWith: "Z" } } });
    const scans = world.happened
      .slice(from)
      .filter((one) => one.kind === "aws-call" && one.operation === "Scan");
    expect(scans).toEqual([]);
  });

  test("is searched whatever the accents, the case and the way a letter is composed", async () => {
    await create(late, { id: "late", firstName: "S\u00F8ren", lastName: "Bj\u00F6rnsson" });
    const found = async (name: string, by = "firstName") =>
      names(
        await bob.ask(
          `query ($name: String!, $by: PersonName) { searchPeople(name: $name, by: $by) { items { id firstName } } }`,
          { name, by },
        ),
        "searchPeople",
      );
    for (const typed of ["zoe", "ZO\u00CB", "Zoe\u0308"]) expect(await found(typed)).toEqual(["Zo\u00EB"]);
    expect(await found("soren")).toEqual(["S\u00F8ren"]);
    expect(await found("bjorn", "lastName")).toEqual(["S\u00F8ren"]);
    const exact = await bob.ask(LIST_PEOPLE, { filter: { firstName: { beginsWith: "Zo\u00EB" } } });
    expect(names(exact)).toEqual(["Zo\u00EB"]);
    const plain = await bob.ask(LIST_PEOPLE, { filter: { firstName: { beginsWith: "Zoe" } } });
    expect(names(plain)).toEqual([]);
  });

  test("refuses an empty range, a negative limit and an invalid token", async () => {
    const { errors } = await bob.ask(LIST_PEOPLE, { filter: { firstName: { between: ["x", "a"] } } });
    expect(errors[0]?.errorType).toBe("DynamoDB:ValidationException");
    expect((await bob.ask(LIST_PEOPLE, { limit: -1 })).errors[0]?.errorType).toBe("ValidationError");
    expect((await bob.ask(LIST_PEOPLE, { nextToken: "?" })).errors[0]?.message).toMatch(/pagination token/);
  });
});
