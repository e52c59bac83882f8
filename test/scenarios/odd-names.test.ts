/** Device names that every object has as a member: they are stored and read like any other name. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { answers, begins, ends, openCast } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

describe("a phone with the device name", () => {
  test.each(["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "__defineGetter__"])(
    "%s registers, rings, answers, and is shown under this name",
    async (name) => {
      const cast = await openCast(world);
      const alice = await cast.phone("alice", name);
      const bob = await cast.phone("bob", name);
      await world.clock.advance(1_000);
      const callId = await begins(alice, bob);
      await world.clock.advance(2_000);
      expect(bob.pushes()).toEqual(["incoming_call"]);
      expect(await bob.send({ action: "ackRinging", callId })).toMatchObject({ body: { status: "ringing" } });
      await answers(bob, callId);
      const { body } = await bob.send({ action: "getCall", callId });
      expect(body).toMatchObject({
        status: "answered",
        legs: [{}, { deviceId: name, devices: [{ deviceId: name, pushes: { incoming_call: {} } }] }],
      });
      await ends(alice, callId);
      const client = await bob.send({ action: "getClient", clientId: bob.clientId });
      expect(client.body["devices"]).toMatchObject([{ deviceId: name }]);
      const gone = await bob.send({ action: "unregister", clientId: bob.clientId, deviceId: name });
      expect(gone.body).toMatchObject({ removed: true });
    },
  );
});

describe("an iPhone", () => {
  test("whose APNs token arrives in upper case and then in lower case is one device and rings once", async () => {
    const cast = await openCast(world);
    const lower = `abcdef${cast.since}`.padEnd(64, "a");
    const alice = await cast.phone("alice");
    const upper = { notifyType: "APNS_VOIP", deviceToken: lower.toUpperCase() };
    const bob = await cast.phone("bob", undefined, upper);
    await world.clock.advance(1_000);
    const again = { action: "register", notifyType: "APNS_VOIP", deviceToken: `<${lower}>\n` };
    expect((await bob.send(again)).body).toMatchObject({ id: bob.clientId, created: false });
    const callId = await begins(alice, bob);
    await world.clock.advance(2_000);
    const read = world.runtime.pinpoint.inbox.read;
    expect([...read(lower), ...read(lower.toUpperCase())]).toHaveLength(1);
    await ends(alice, callId);
  });
});
