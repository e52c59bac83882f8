/** The owner of a client: a reinstalled app finds its own entry, and a history shows names. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { answered, type Asker, asker, CREATE_PERSON, DELETE_PERSON } from "./graphql-world.ts";

const MINE = "{ myPerson { id firstName clientId } }";
const BY_CLIENT = "query Whose($clientId: ID!) { personByClientId(clientId: $clientId) { id firstName } }";
const BY_CLIENTS = "query Whose($ids: [ID!]!) { peopleByClientIds(ids: $ids) { id firstName } }";
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

let world: World;
let phones: Record<"alice" | "bob" | "line", Phone>;
let alice: Asker;
let bob: Asker;
let olivia: Asker;
openForAll(startWorld, async (opened) => {
  world = opened;
  phones = {
    alice: await world.phone("alice", { deviceToken: "alice-1", deviceId: "phone" }),
    bob: await world.phone("bob", { deviceToken: "bob-1", deviceId: "phone" }),
    line: await world.phone("bob", { deviceToken: "bob-2", deviceId: "line", anotherClient: true }),
  };
  [alice, bob, olivia] = [
    await asker(world, "alice"),
    await asker(world, "bob"),
    await asker(world, "olivia"),
  ];
  const create = (who: Asker, firstName: string, clientId: string) =>
    who.ask(CREATE_PERSON, { input: { id: firstName, firstName, lastName: "X", clientId } });
  await create(alice, "Alice", phones.alice.clientId);
  await create(bob, "Bob", phones.bob.clientId);
});

const whose = async (...ids: string[]) => (await olivia.ask(BY_CLIENTS, { ids })).data?.["peopleByClientIds"];
const ALICE = { id: "Alice", firstName: "Alice" };
const BOB = { id: "Bob", firstName: "Bob" };

test("myPerson is the person's own entry, and null without one", async () => {
  expect(answered(await alice.ask(MINE), "myPerson")).toEqual({ ...ALICE, clientId: phones.alice.clientId });
  expect(await olivia.ask(MINE)).toMatchObject({ data: { myPerson: null }, errors: [] });
});

describe("personByClientId", () => {
  const by = async (clientId: string) =>
    (await olivia.ask(BY_CLIENT, { clientId })).data?.["personByClientId"];

  test("is the owner of a client, also of a further client, in any case of the id", async () => {
    expect(await by(phones.bob.clientId)).toEqual(BOB);
    expect(await by(phones.line.clientId.toUpperCase())).toEqual(BOB);
  });

  test("is null for a client that does not exist, and for an invalid id", async () => {
    for (const id of [UNKNOWN, "bob", "__proto__", ""]) expect(await by(id)).toBeNull();
  });
});

describe("peopleByClientIds", () => {
  test("has the owner in the place of each id, or null", async () => {
    const { alice: hers, bob: his, line } = phones;
    const ids = [
      line.clientId,
      UNKNOWN,
      hers.clientId,
      "__proto__",
      his.clientId.toUpperCase(),
      hers.clientId,
    ];
    expect(await whose(...ids)).toEqual([BOB, null, ALICE, null, BOB, ALICE]);
    expect(await whose()).toEqual([]);
    expect(await whose(UNKNOWN)).toEqual([null]);
  });

  test("reads each table once for a hundred ids, and accepts no more", async () => {
    const from = world.happened.length;
    const ids = Array.from({ length: 99 }, (_, n) => UNKNOWN.replace(/00$/, String(n).padStart(2, "0")));
    expect(await whose(...ids, phones.bob.clientId)).toEqual([...ids.map(() => null), BOB]);
    const reads = world.happened
      .slice(from)
      .flatMap((one) => (one.kind === "aws-call" && one.service === "dynamodb" ? [one.operation] : []));
    expect(reads).toEqual(["GetItem", "BatchGetItem", "BatchGetItem", "BatchGetItem"]);
    const { errors } = await olivia.ask(BY_CLIENTS, { ids: [...ids, UNKNOWN, phones.bob.clientId] });
    expect(errors).toMatchObject([{ errorType: "ValidationError", message: "ids must be 100 at most" }]);
  });

  test("has null in the place of an owner who has left the directory", async () => {
    await bob.ask(DELETE_PERSON, { input: { id: "Bob" } });
    expect(await whose(phones.bob.clientId, phones.alice.clientId)).toEqual([null, ALICE]);
  });
});
