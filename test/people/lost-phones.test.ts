/** Another person registers a push token: its last owner learns that, by a subscription and by an event on the bus. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { type Asker, asker } from "./graphql-world.ts";

const ON_CLIENT_UPDATED = `subscription OnClientUpdated($clientId: ID!) {
  onClientUpdated(clientId: $clientId) { clientId change deviceId atMs }
}`;

let world: World;
let alicesPhone: Phone;
let alice: Asker;
openForAll(startWorld, async (opened) => {
  world = opened;
  alicesPhone = await world.phone("alice", { deviceToken: "shared-phone", deviceId: "alices-phone" });
  alice = await asker(world, "alice");
});

test("Bob registers the token of Alice's phone: she learns which phone it was, and not who has it now", async () => {
  const listener = await alice.dial();
  const { clientId } = alicesPhone;
  await listener.start("own", ON_CLIENT_UPDATED, { clientId });
  const bob = await world.phone("bob", "shared-phone");
  await world.clock.advance(1_000);
  const update = { clientId, change: "device_token_lost", deviceId: "alices-phone" };
  expect(listener.updates("own")).toEqual([{ onClientUpdated: { ...update, atMs: expect.any(Number) } }]);
  const events = world.events("ClientUpdated");
  expect(events).toMatchObject([{ v: 1, ...update, causedBy: expect.any(String) }]);
  expect(JSON.stringify(events)).not.toContain(bob.clientId);
  expect(JSON.stringify(events)).not.toContain("shared-phone");
  listener.connection.closed();
  // A phone that was not subscribed finds it when it reads its client.
  const { body } = await alicesPhone.send({ action: "getClient", clientId });
  expect(body).toMatchObject({
    devices: [],
    lostDevices: [{ deviceId: "alices-phone", atMs: events[0]?.["atMs"] }],
  });
});

test("a token that its owner moves to another of their clients is not reported", async () => {
  const before = world.events("ClientUpdated").length;
  const first = await world.phone("alice", "tablet");
  const second = await world.phone("alice", { deviceToken: "another-tablet", anotherClient: true });
  await second.send({
    action: "register",
    notifyType: "GCM",
    deviceToken: "tablet",
    clientId: second.clientId,
  });
  expect(first.clientId).not.toBe(second.clientId);
  expect(world.events("ClientUpdated")).toHaveLength(before);
});

test("another person's client cannot be followed", async () => {
  const bob = await asker(world, "bob");
  const listener = await bob.dial();
  await listener.start("hers", ON_CLIENT_UPDATED, { clientId: alicesPhone.clientId });
  expect(listener.types("hers")).toEqual(["error"]);
  listener.connection.closed();
});
