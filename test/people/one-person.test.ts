/** An owner has one entry: creating again, at once or later, changes that entry. */
import { beforeEach, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { refused } from "../scenarios/faults.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import {
  answered,
  type Asker,
  asker,
  CREATE_PERSON,
  DELETE_PERSON,
  GET_PERSON,
  LIST_PEOPLE,
  UPDATE_PERSON,
} from "./graphql-world.ts";

type Person = Record<"id" | "firstName" | "lastName" | "clientId" | "createdAt" | "updatedAt", string | null>;

let world: World;
let alice: Asker;
let bob: Asker;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await asker(world, "alice"), await asker(world, "bob")];
});
beforeEach(async () => {
  const empty = async (table: Table, key: string) => {
    const TableName = world.runtime.physicalId(table);
    for (const row of await rows(table))
      await world.aws("dynamodb", "DeleteItem", { TableName, Key: { [key]: row[key] } });
  };
  await empty("PeopleTable", "id");
  await empty("OwnersTable", "owner");
});

const ALICE = { firstName: "Alice", lastName: "Adams" };
const BOB = { firstName: "Bob", lastName: "Brown" };
const CONDITION_FAILED = "DynamoDB:ConditionalCheckFailedException";

const ask = (who: Asker, input: object, more: object = {}) => who.ask(CREATE_PERSON, { input, ...more });
const create = async (who: Asker, input: object): Promise<Person> =>
  answered(await ask(who, input), "createPerson");
const remove = (who: Asker, id: unknown) => who.ask(DELETE_PERSON, { input: { id } });

type Table = "PeopleTable" | "OwnersTable";
const rows = async (table: Table): Promise<Shape[]> => {
  const { Items } = await world.aws("dynamodb", "Scan", { TableName: world.runtime.physicalId(table) });
  return Items as Shape[];
};
const ids = async (): Promise<unknown[]> =>
  (await rows("PeopleTable")).map(({ id }) => (id as { S: string }).S).toSorted();
/** The Person of each row in the table of owners. */
const owned = async (): Promise<unknown[]> =>
  (await rows("OwnersTable")).map(({ personId }) => (personId as { S: string }).S);

describe("creating again", () => {
  test("200 times by one account makes one Person", async () => {
    const made = await Promise.all(Array.from({ length: 200 }, () => create(bob, BOB)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await ids()).toEqual([made[0]?.id]);
    expect(await owned()).toEqual([made[0]?.id]);
  });

  test("at the same moment makes one Person, which both requests return", async () => {
    const [one, other] = await Promise.all([
      create(alice, { id: "one", ...ALICE }),
      create(alice, { id: "other", ...ALICE }),
    ]);
    expect(one.id).toBe(other.id);
    expect(await ids()).toEqual([one.id]);
  });

  test("renames the Person and sets its client, and keeps its id and its time of creation", async () => {
    const { clientId } = await world.phone("alice");
    const first = await create(alice, { id: "alice-1", ...ALICE });
    await world.clock.advance(60_000);
    const again = await create(alice, { id: "another", firstName: "Al", lastName: "Abel", clientId });
    const updatedAt = new Date(world.clock.now()).toISOString();
    expect(again).toEqual({ ...first, firstName: "Al", lastName: "Abel", clientId, updatedAt });
    expect(answered(await bob.ask(GET_PERSON, { id: "alice-1" }), "getPerson")).toEqual(again);
    expect(await ids()).toEqual(["alice-1"]);
  });

  test("keeps the client if the request has none, and removes it with null", async () => {
    const { clientId } = await world.phone("alice");
    await create(alice, { ...ALICE, clientId });
    expect(await create(alice, ALICE)).toMatchObject({ clientId });
    expect(await create(alice, { ...ALICE, clientId: null })).toMatchObject({ clientId: null });
  });

  test("with another person's client changes nothing", async () => {
    const { clientId } = await world.phone("bob");
    const { id } = await create(alice, ALICE);
    const stolen = await ask(alice, { firstName: "Mallory", lastName: "M", clientId });
    expect(stolen.errors[0]?.errorType).toBe("Unauthorized");
    expect(answered(await alice.ask(GET_PERSON, { id }), "getPerson")).toMatchObject(ALICE);
  });

  test("with invalid names changes nothing", async () => {
    const { id } = await create(alice, ALICE);
    const { errors } = await ask(alice, { ...ALICE, firstName: "Mom\u2028" });
    expect(errors).toMatchObject([{ errorType: "ValidationError", message: /^firstName must have 1 to 64/ }]);
    expect(answered(await alice.ask(GET_PERSON, { id }), "getPerson")).toMatchObject(ALICE);
  });

  test("changes the Person only if the request's condition is met", async () => {
    await create(alice, ALICE);
    const condition = { lastName: { eq: "Zola" } };
    const unmet = await ask(alice, { firstName: "Al", lastName: "Abel" }, { condition });
    expect([unmet.data, unmet.errors[0]?.errorType]).toEqual([{ createPerson: null }, CONDITION_FAILED]);
    const met = await ask(
      alice,
      { firstName: "Al", lastName: "Abel" },
      { condition: { lastName: { eq: "Adams" } } },
    );
    expect(met.errors).toEqual([]);
    expect(answered(met, "createPerson")).toMatchObject({ firstName: "Al" });
  });

  test("reaches the directory's subscribers with the id that they know", async () => {
    const listener = await bob.dial();
    await listener.start("created", "subscription { onCreatePerson { id firstName } }");
    await create(alice, { id: "alice-1", ...ALICE });
    await create(alice, { id: "another", ...ALICE, firstName: "Al" });
    await ask(alice, { ...ALICE, firstName: "" });
    expect(listener.updates("created")).toEqual([
      { onCreatePerson: { id: "alice-1", firstName: "Alice" } },
      { onCreatePerson: { id: "alice-1", firstName: "Al" } },
    ]);
    listener.connection.closed();
  });

  test("lists the Person once in every list", async () => {
    await create(alice, ALICE);
    await create(alice, ALICE);
    await create(bob, BOB);
    const lists = [
      ["listPeople", LIST_PEOPLE],
      ["listPersons", LIST_PEOPLE.replaceAll("listPeople", "listPersons")],
      ["searchPeople", `{ searchPeople(name: "") { items { firstName } } }`],
      ["searchPeople", `{ searchPeople(name: "", by: lastName) { items { firstName } } }`],
    ] as const;
    for (const [field, query] of lists) {
      const { items } = answered<{ items: Person[] }>(await alice.ask(query), field);
      expect(items.map(({ firstName }) => String(firstName)).toSorted()).toEqual(["Alice", "Bob"]);
    }
  });
});

describe("a condition on a Person that does not exist yet", () => {
  test("makes no Person if it is not met, and one if it is", async () => {
    const unmet = await ask(alice, ALICE, { condition: { lastName: { eq: "Adams" } } });
    expect(unmet.errors[0]?.errorType).toBe(CONDITION_FAILED);
    expect([await ids(), await owned()]).toEqual([[], []]);
    const met = await ask(alice, ALICE, { condition: { lastName: { attributeExists: false } } });
    expect(met.errors).toEqual([]);
  });
});

describe("an id of another person's Person", () => {
  test("is refused to an owner without a Person, and leaves nothing", async () => {
    await create(bob, { id: "bob-1", ...BOB });
    const taken = await ask(alice, { id: "bob-1", ...ALICE });
    expect(taken.errors[0]?.errorType).toBe("Unauthorized");
    expect([await ids(), await owned()]).toEqual([["bob-1"], ["bob-1"]]);
  });
});

describe("a deleted Person", () => {
  test.each(["by its owner", "by an operator"])(
    "%s is replaced by the next one that its owner creates",
    async (by) => {
      const { id } = await create(alice, { id: "first", ...ALICE });
      const deleter = by === "by its owner" ? alice : await asker(world, "olivia");
      expect(answered(await remove(deleter, id), "deletePerson")).toMatchObject({ id, ...ALICE });
      expect([await ids(), await owned()]).toEqual([[], []]);
      expect(await create(alice, { id: "second", ...ALICE })).toMatchObject({ id: "second" });
    },
  );

  test("of another owner cannot be deleted, and its row stays", async () => {
    await create(alice, { id: "first", ...ALICE });
    expect((await remove(bob, "first")).errors[0]?.errorType).toBe("Unauthorized");
    const condition = { firstName: { eq: "Zola" } };
    const unmet = await alice.ask(DELETE_PERSON, { input: { id: "first" }, condition });
    expect(unmet.errors[0]?.errorType).toBe(CONDITION_FAILED);
    expect([await ids(), await owned()]).toEqual([["first"], ["first"]]);
  });

  test("whose record was removed by hand is created again", async () => {
    await create(alice, { id: "first", ...ALICE });
    const TableName = world.runtime.physicalId("PeopleTable");
    await world.aws("dynamodb", "DeleteItem", { TableName, Key: { id: { S: "first" } } });
    expect(await create(alice, { id: "second", ...ALICE })).toMatchObject({ id: "second" });
    expect([await ids(), await owned()]).toEqual([["second"], ["second"]]);
  });
});

/** A record of Alice's from the time before owners had rows. */
async function plant(id: string, createdAt: string, more: Record<string, string> = {}): Promise<void> {
  const [, claims = ""] = alice.accessToken.split(".");
  const { sub } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub: string };
  const record = { id, owner: sub, __typename: "Person", firstName: id, lastName: "Adams", ...more };
  const times = { createdAt, updatedAt: createdAt, directory: "people" };
  const keys = { firstNameKey: id.toUpperCase(), lastNameKey: "ADAMS" };
  const Item = Object.fromEntries(
    Object.entries({ ...record, ...times, ...keys }).map(([name, value]) => [name, { S: value }]),
  );
  await world.aws("dynamodb", "PutItem", { TableName: world.runtime.physicalId("PeopleTable"), Item });
}

describe("an owner with several records from earlier", () => {
  beforeEach(async () => {
    await plant("oldest", "2026-01-01T00:00:00.000Z");
    await plant("newest", "2026-03-01T00:00:00.000Z");
    await plant("older", "2026-02-01T00:00:00.000Z");
  });

  test("keeps them, and changes the newest by creating again", async () => {
    const again = await create(alice, { id: "oldest", ...ALICE, firstName: "Al" });
    expect(again).toMatchObject({ id: "newest", firstName: "Al", createdAt: "2026-03-01T00:00:00.000Z" });
    expect(await create(alice, ALICE)).toMatchObject({ id: "newest", firstName: "Alice" });
    expect(await ids()).toEqual(["newest", "older", "oldest"]);
    expect(await owned()).toEqual(["newest"]);
    const renamed = await alice.ask(UPDATE_PERSON, { input: { id: "oldest", firstName: "Old" } });
    expect(answered(renamed, "updatePerson")).toMatchObject({ id: "oldest", firstName: "Old" });
  });

  test("has the next newest once the newest is deleted, and the same one after another is", async () => {
    await create(alice, ALICE);
    await remove(alice, "oldest");
    expect(await owned()).toEqual(["newest"]);
    await remove(alice, "newest");
    expect(await create(alice, ALICE)).toMatchObject({ id: "older" });
    expect([await ids(), await owned()]).toEqual([["older"], ["older"]]);
  });

  test("has the newest record's name in calls, even if another record has the client", async () => {
    const [phone, other] = [await world.phone("alice"), await world.phone("bob")];
    await plant("oldest", "2026-01-01T00:00:00.000Z", { clientId: phone.clientId });
    expect(await ringsAs(phone, other)).toBe("newest Adams");
    await create(alice, ALICE);
    expect(await ringsAs(phone, other)).toBe("Alice Adams");
  });
});

async function ringsAs(caller: Phone, callee: Phone): Promise<string | undefined> {
  const heard = callee.messages().length;
  const call = { action: "initiateCall", callerId: caller.clientId, calleeId: callee.clientId };
  const { callId } = (await caller.send(call)).body;
  await world.clock.until(async () => callee.messages().length > heard);
  await caller.send({ action: "endCall", clientId: caller.clientId, callId });
  await world.ended(String(callId));
  return callee.messages()[heard]?.data["caller_name"];
}

describe("a transaction that conflicts with another", () => {
  const conflict = (...codes: string[]): AwsError =>
    new AwsError("TransactionCanceledException", `Transaction cancelled [${codes.join(", ")}]`, 400, {
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
  const meet = (times: number, error: AwsError) =>
    world.runtime.localAws.interfere({
      service: "dynamodb",
      operation: "TransactWriteItems",
      times,
      fault: refused(error),
    });

  test("is tried once more", async () => {
    meet(1, conflict("None", "TransactionConflict"));
    expect(await create(alice, { id: "alice-1", ...ALICE })).toMatchObject({ id: "alice-1" });
    meet(1, conflict("TransactionConflict"));
    expect(await create(alice, { ...ALICE, firstName: "Al" })).toMatchObject({ id: "alice-1" });
    expect([await ids(), await owned()]).toEqual([["alice-1"], ["alice-1"]]);
  });

  test("is refused when it conflicts again, and nothing is half done", async () => {
    meet(2, conflict("TransactionConflict", "None"));
    expect((await ask(alice, ALICE)).errors).toMatchObject([
      { errorType: "DynamoDB:TransactionCanceledException", message: /send this one again/ },
    ]);
    expect([await ids(), await owned()]).toEqual([[], []]);
    expect((await ask(alice, ALICE)).errors).toEqual([]);
  });

  test("that fails for another reason is not tried again", async () => {
    meet(1, new AwsError("ProvisionedThroughputExceededException", "Too much"));
    expect((await ask(alice, ALICE)).errors).toMatchObject([
      { errorType: "DynamoDB:ProvisionedThroughputExceededException" },
    ]);
    expect(await ids()).toEqual([]);
  });
});
