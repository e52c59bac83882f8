/** Whole calls with pushes to FCM and APNs directly, through a template synthesized for that, in virtual time. */
import { beforeAll, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { synthesize } from "../../local/synthesize.ts";
import { type Phone, startWorld, type World } from "../world.ts";

const SETTINGS = {
  minStages: "12",
  push: "direct",
  fcmSecret: "team/fcm",
  apnsSecret: "team/apns",
};

let assembly: string;
let world: World;
let alice: Phone;
let bob: Phone;

beforeAll(async () => void (assembly = (await synthesize({ context: SETTINGS })).directory));
openForEach(
  () => startWorld({ assembly }),
  async (opened) => {
    world = opened;
    [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  },
);

async function aliceCallsBob(): Promise<string> {
  const parties = { callerId: alice.clientId, calleeId: bob.clientId };
  const { body } = await alice.send({ action: "initiateCall", ...parties });
  return String(body["callId"]);
}
const addIphone = () =>
  bob.send({
    action: "register",
    clientId: bob.clientId,
    notifyType: "APNS_VOIP",
    deviceToken: "bobs-iphone",
    deviceId: "iphone",
  });
const inbox = (token: string) => world.runtime.pinpoint.inbox.read(token);

test("Bob's Android and iPhone ring, he answers on one, and the call is completed", async () => {
  await addIphone();
  const callId = await aliceCallsBob();
  await world.clock.advance(2_000);
  expect(inbox(bob.deviceToken)).toMatchObject([
    { channel: "GCM", priority: "high", data: { type: "incoming_call", call_id: callId } },
  ]);
  expect(inbox("bobs-iphone")).toMatchObject([
    { channel: "APNS_VOIP", pushType: "voip", data: { type: "incoming_call", call_id: callId } },
  ]);
  await bob.send({ action: "answerCall", callId });
  await world.clock.advance(20_000);
  await alice.send({ action: "endCall", clientId: alice.clientId, callId });
  expect(await world.ended(callId)).toBe("SUCCEEDED");
  expect((await world.item(callId))["endReason"]?.["S"]).toBe("completed");
});

test("a push is sent without a pause, and expires with the ring", async () => {
  const calledAtMs = world.clock.now();
  await aliceCallsBob();
  await world.clock.advance(2_000);
  const [push] = inbox(bob.deviceToken);
  expect((push?.atMs ?? Infinity) - calledAtMs).toBeLessThan(500);
  expect(push?.ttlSeconds).toBe(45);
});

test("a network that is down for a moment rings the phone a little later", async () => {
  world.runtime.pinpoint.setOutcome(bob.deviceToken, [{ status: "TEMPORARY_FAILURE", retryAfterSeconds: 3 }]);
  const callId = await aliceCallsBob();
  const calledAtMs = world.clock.now();
  await world.clock.advance(5_000);
  const [push] = inbox(bob.deviceToken);
  expect((push?.atMs ?? 0) - calledAtMs).toBeGreaterThanOrEqual(3_000);
  await bob.send({ action: "declineCall", callId });
  expect(await world.ended(callId)).toBe("SUCCEEDED");
});

test("a connection that breaks between two calls is opened again, and the token of a phone without the app is removed", async () => {
  await addIphone();
  const first = await aliceCallsBob();
  await world.clock.advance(2_000);
  await bob.send({ action: "declineCall", callId: first });
  await world.ended(first);
  const servers = world.runtime.directPush.servers();
  servers?.fcm.disconnect();
  servers?.apns.disconnect();
  world.runtime.pinpoint.setOutcome(bob.deviceToken, "PERMANENT_FAILURE");
  const second = await aliceCallsBob();
  await world.clock.advance(2_000);
  expect(inbox("bobs-iphone").map(({ data }) => data["call_id"])).toEqual([first, second]);
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("DevicesTable"),
  });
  expect(JSON.stringify(Items)).not.toContain(bob.deviceToken);
  expect(JSON.stringify(Items)).toContain("bobs-iphone");
  await alice.send({ action: "endCall", clientId: alice.clientId, callId: second });
  expect(await world.ended(second)).toBe("SUCCEEDED");
});
