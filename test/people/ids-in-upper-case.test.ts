/** Ids in upper case, as iOS writes UUIDs: they name the same call and the same client, and replies are in lower case. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type Phone, type World } from "../world.ts";
import { answered, type Asker, asker, CREATE_PERSON, LIST_PEOPLE, UPDATE_PERSON } from "./graphql-world.ts";

let world: World;
let alicesPhone: Phone;
let bobsPhone: Phone;
let bob: Asker;
let callId: string;
/** Bob's client id, as his phone writes it. */
let upper: string;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alicesPhone, bobsPhone] = [await world.phone("alice"), await world.phone("bob")];
  bob = await asker(world, "bob");
  upper = bobsPhone.clientId.toUpperCase();
});

describe("a call", () => {
  test("reaches a subscriber who names the client in upper case, live", async () => {
    const listener = await bob.dial();
    const document = (field: string, more: string) =>
      `subscription ($clientId: ID!) { ${field}(clientId: $clientId) { clientId ${more} } }`;
    await listener.start("calls", document("onCallUpdated", "callId status"), { clientId: upper });
    await listener.start("lost", document("onClientUpdated", "change"), { clientId: upper });
    const parties = { callerId: alicesPhone.clientId.toUpperCase(), calleeId: upper };
    const { body } = await alicesPhone.send({ action: "initiateCall", ...parties });
    callId = String(body["callId"]);
    expect(callId).toBe(callId.toLowerCase());
    await world.clock.advance(1_000);
    expect(listener.updates("calls")[0]).toEqual({
      onCallUpdated: { clientId: bobsPhone.clientId, callId, status: "calling" },
    });
    const others = await world.phone("carol");
    await others.send({ action: "register", notifyType: "GCM", deviceToken: bobsPhone.deviceToken });
    await world.clock.advance(1_000);
    expect(listener.updates("lost")).toEqual([
      { onClientUpdated: { clientId: bobsPhone.clientId, change: "device_token_lost" } },
    ]);
    listener.connection.closed();
  });

  test("is read by its id and its client's id in upper case", async () => {
    const query =
      "query ($callId: ID!, $clientId: ID) { getCall(callId: $callId, clientId: $clientId) { callId clientId } }";
    for (const clientId of [upper, null, undefined]) {
      const answer = await bob.ask(query, { callId: callId.toUpperCase(), clientId });
      expect(answered(answer, "getCall")).toEqual({ callId, clientId: bobsPhone.clientId });
    }
  });

  test("is listed for its client's id in upper case", async () => {
    await alicesPhone.send({ action: "endCall", clientId: alicesPhone.clientId, callId });
    await world.ended(callId);
    const query = "query ($clientId: ID!) { listCalls(clientId: $clientId) { items { callId } } }";
    const answer = await bob.ask(query, { clientId: upper });
    expect(answered(answer, "listCalls")).toEqual({ items: [{ callId }] });
  });
});

describe("a person", () => {
  const clientIdOf = (answer: Awaited<ReturnType<Asker["ask"]>>, field: string) =>
    answered<{ clientId: string }>(answer, field).clientId;

  test("has the client in lower case, and the app's own id in its original case", async () => {
    const input = { id: "Bob-ABC", firstName: "Bob", lastName: "Brown", clientId: upper };
    const made = await bob.ask(CREATE_PERSON, { input });
    expect(answered(made, "createPerson")).toMatchObject({ id: "Bob-ABC", clientId: bobsPhone.clientId });
    const changed = await bob.ask(UPDATE_PERSON, { input: { id: "Bob-ABC", clientId: upper } });
    expect(clientIdOf(changed, "updatePerson")).toBe(bobsPhone.clientId);
  });

  test("keeps a name for which an update has null", async () => {
    const input = { id: "Bob-ABC", firstName: "Rob", lastName: null, clientId: upper };
    const changed = await bob.ask(UPDATE_PERSON, { input });
    expect(answered(changed, "updatePerson")).toMatchObject({ firstName: "Rob", lastName: "Brown" });
  });

  test("meets a condition on the client's id in upper case", async () => {
    const input = { id: "Bob-ABC", lastName: "Black" };
    const condition = { and: [{ clientId: { eq: upper } }, { not: { clientId: { ne: upper } } }] };
    expect(clientIdOf(await bob.ask(UPDATE_PERSON, { input, condition }), "updatePerson")).toBe(
      bobsPhone.clientId,
    );
  });

  test.each([
    ["eq", (id: string) => ({ clientId: { eq: id } })],
    ["beginsWith", (id: string) => ({ clientId: { beginsWith: id.slice(0, 13) } })],
    ["contains", (id: string) => ({ clientId: { contains: id.slice(3, 30) } })],
    ["between", (id: string) => ({ clientId: { between: [id, id] } })],
    [
      "and",
      (id: string) => ({ and: [{ or: [{ clientId: { eq: id } }] }, { not: { clientId: { ne: id } } }] }),
    ],
    [
      "other conditions beside it",
      (id: string) => ({ clientId: { eq: id, attributeType: "string", size: { eq: 36 } } }),
    ],
  ] as const)("is found by a filter with %s", async (_operator, filter) => {
    const { items } = answered<{ items: { id: string }[] }>(
      await bob.ask(LIST_PEOPLE, { filter: filter(upper) }),
      "listPeople",
    );
    expect(items.map(({ id }) => id)).toEqual(["Bob-ABC"]);
  });

  test("is followed through a filter on the client's id in upper case", async () => {
    const listener = await bob.dial();
    const query = `subscription ($filter: ModelSubscriptionPersonFilterInput) {
      onUpdatePerson(filter: $filter) { lastName }
    }`;
    await listener.start("eq", query, { filter: { or: [{ clientId: { eq: upper } }] } });
    await listener.start("in", query, { filter: { clientId: { in: ["none", upper] } } });
    await listener.start("not", query, { filter: { clientId: { notIn: [upper] } } });
    await bob.ask(UPDATE_PERSON, { input: { id: "Bob-ABC", lastName: "White" } });
    expect(["eq", "in", "not"].map((id) => listener.updates(id).length)).toEqual([1, 1, 0]);
    listener.connection.closed();
  });
});
