/** Subscriptions to the directory: what subscribers get, by filter and by the mutation's selection. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startWorld, type World } from "../world.ts";
import {
  type Asker,
  asker,
  CREATE_PERSON,
  DELETE_PERSON,
  dialled,
  type Listener,
  UPDATE_PERSON,
} from "./graphql-world.ts";

let world: World;
let alice: Asker;
let bob: Listener;

beforeAll(async () => {
  world = await startWorld();
  alice = await asker(world, "alice");
});
beforeEach(async () => {
  bob = await (await asker(world, "bob")).dial();
});
afterEach(() => bob.connection.closed());
afterAll(async () => world[Symbol.asyncDispose]());

const onCreate = (filter?: string) =>
  `subscription OnCreatePerson($filter: ModelSubscriptionPersonFilterInput) {
    onCreatePerson(filter: $filter) { id firstName lastName __typename }
  }${filter ?? ""}`;
const create = (firstName: string, lastName = "Adams") =>
  alice.ask(CREATE_PERSON, { input: { firstName, lastName } });
const heard = (id: string) =>
  bob.updates(id).map(({ onCreatePerson }) => (onCreatePerson as { firstName: string }).firstName);

describe("a subscriber to people", () => {
  test("hears of created, changed and deleted entries, in the subscription's selection", async () => {
    await bob.start("created", onCreate());
    await bob.start("changed", "subscription { onUpdatePerson { id name: lastName } }");
    await bob.start("deleted", "subscription { onDeletePerson { id } }");
    const id = "followed";
    await alice.ask(CREATE_PERSON, { input: { id, firstName: "Alice", lastName: "Adams" } });
    await alice.ask(UPDATE_PERSON, { input: { id, lastName: "Abel" } });
    await alice.ask(DELETE_PERSON, { input: { id } });
    expect(bob.updates("created")).toEqual([
      { onCreatePerson: { id, firstName: "Alice", lastName: "Adams", __typename: "Person" } },
    ]);
    expect(bob.updates("changed")).toEqual([{ onUpdatePerson: { id, name: "Abel" } }]);
    expect(bob.updates("deleted")).toEqual([{ onDeletePerson: { id } }]);
  });

  test("hears nothing of a mutation that failed, and nothing after stopping", async () => {
    await bob.start("created", onCreate());
    await create("");
    await bob.stop("created");
    await create("Carol");
    expect(bob.types("created")).toEqual(["start_ack", "complete"]);
  });

  test("gets only the fields that the mutation selected, and null for the whole update if a required field is missing", async () => {
    await bob.start("created", onCreate());
    await alice.ask(`mutation { createPerson(input: { firstName: "A", lastName: "B" }) { id } }`);
    expect(bob.updates("created")).toEqual([{ onCreatePerson: null }]);
    expect(bob.messages.findLast(({ type }) => type === "data")).toMatchObject({
      payload: {
        errors: [
          ["String", "firstName"],
          ["String", "lastName"],
        ].map(([type, field]) => ({
          message: `Cannot return null for non-nullable type: '${type}' within parent 'Person' (/onCreatePerson/${field})`,
          path: ["onCreatePerson", field],
        })),
      },
    });
  });

  test.each([
    [{ firstName: { eq: "Ann" } }, ["Ann"]],
    [{ firstName: { beginsWith: "A" }, lastName: { ne: "Young" } }, ["Ann"]],
    [{ or: [{ firstName: { in: ["Ben"] } }, { lastName: { contains: "oun" } }] }, ["Ben", "Amy"]],
    [
      {
        and: [
          { firstName: { gt: "Amy" } },
          { or: [{ lastName: { eq: "Young" } }, { firstName: { lt: "Az" } }] },
        ],
      },
      ["Ann"],
    ],
    [{ firstName: { notIn: ["Ann"] }, clientId: { notContains: "x" } }, ["Ben", "Amy"]],
    [null, ["Ann", "Ben", "Amy"]],
  ] as const)("with the filter %j hears of %j", async (filter, wanted) => {
    await bob.start("filtered", onCreate(), { filter });
    await create("Ann");
    await create("Ben");
    await create("Amy", "Young");
    expect(heard("filtered")).toEqual(wanted);
  });
});

describe("a connection", () => {
  test("is acknowledged, kept alive every minute, and metered by the minute until it closes", async () => {
    bob.connection.closed();
    const before = world.runtime.localAws.units["appsync:connection-minute"] ?? 0;
    const listener = await alice.dial();
    expect(listener.messages.slice(0, 2)).toEqual([
      { type: "connection_ack", payload: { connectionTimeoutMs: 300_000 } },
      { type: "ka" },
    ]);
    await world.clock.advance(125_000);
    listener.connection.closed();
    await world.clock.advance(125_000);
    expect(listener.messages.filter(({ type }) => type === "ka")).toHaveLength(3);
    expect((world.runtime.localAws.units["appsync:connection-minute"] ?? 0) - before).toBe(3);
  });

  test.each([
    ["a forged token", "a.b.c", ["graphql-ws"], "UnauthorizedException", 401],
    ["no subprotocol", undefined, ["mqtt"], "NoProtocolError", 400],
  ])("with %s is refused and closed", async (_what, token, protocols, errorType, errorCode) => {
    const listener = dialled(world, token ?? alice.accessToken, protocols);
    await listener.connection.receive(JSON.stringify({ type: "connection_init" }));
    const payload = { errors: [{ errorType, errorCode, message: expect.any(String) }] };
    expect(listener.messages).toEqual([{ type: "connection_error", payload }]);
    expect(listener.closed()).toEqual({ code: 1000 });
  });

  test("takes its credentials from a subprotocol, as newer clients send them", async () => {
    const header = Buffer.from(JSON.stringify({ host: "x", Authorization: alice.accessToken })).toString(
      "base64url",
    );
    const messages: string[] = [];
    const connection = world.runtime.appsync.connect(
      { query: "", protocols: ["graphql-ws", `header-${header}`], sourceIp: "127.0.0.1" },
      { send: ({ type }) => void messages.push(type), close: () => undefined },
    );
    await connection.receive(`{"type":"connection_init"}`);
    expect(messages).toEqual(["connection_ack", "ka"]);
    connection.closed();
  });

  test.each([
    ["not json", undefined, "BadRequestException"],
    [JSON.stringify({ type: "meow" }), undefined, "UnsupportedOperation"],
    [JSON.stringify({ type: "start", payload: {} }), undefined, "BadRequestException"],
    [JSON.stringify({ type: "start", id: "x", payload: { data: "{}" } }), "x", "BadRequestException"],
    [JSON.stringify({ type: "stop", id: "never" }), "never", "UnknownOperationError"],
  ])("answers %s with an error and stays open", async (text, id, errorType) => {
    await bob.connection.receive(text);
    const error = bob.messages.at(-1);
    expect(error).toMatchObject({ type: "error", payload: { errors: [{ errorType }] } });
    expect(error && "id" in error ? error.id : undefined).toBe(id);
    await bob.start("created", onCreate());
    expect(bob.types("created")).toEqual(["start_ack"]);
  });

  test.each([
    ["a query", "query { listPeople { nextToken } }", "UnsupportedOperation"],
    ["two fields", "subscription { onDeletePerson { id } onUpdatePerson { id } }", "ValidationError"],
    ["an unknown field", "subscription { onMeow { id } }", "ValidationError"],
    ["a missing argument", "subscription { onCallUpdated { callId } }", "ValidationError"],
    ["no GraphQL", "subscription {", "MalformedHttpRequestException"],
  ])("does not start %s", async (_what, query, errorType) => {
    await bob.start("wrong", query);
    expect(bob.messages.at(-1)).toMatchObject({
      type: "error",
      id: "wrong",
      payload: { errors: [{ errorType }] },
    });
  });

  test("starts an id once and holds 100 subscriptions", async () => {
    await bob.start("s0", onCreate());
    await bob.start("s0", onCreate());
    expect(bob.messages.at(-1)).toMatchObject({
      type: "error",
      payload: { errors: [{ errorType: "DuplicatedOperationError" }] },
    });
    for (let n = 1; n < 100; n += 1) await bob.start(`s${n}`, onCreate());
    await bob.start("s100", onCreate());
    expect(bob.messages.at(-1)).toMatchObject({
      payload: { errors: [{ errorType: "MaxSubscriptionsReachedError" }] },
    });
  });
});
