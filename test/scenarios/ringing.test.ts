/** A call becomes ringing when a phone acknowledges the ring, and only then. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { answers, begins, ends, legIn, openCast, rings, seen } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

async function twoPhones() {
  const cast = await openCast(world);
  const [alice, bob] = [await cast.phone("alice"), await cast.phone("bob", "phone-1")];
  const tablet = await cast.phone("bob", "tablet", { clientId: bob.clientId });
  return { cast, alice, bob, tablet };
}

test("a push that was accepted does not make the call ring", async () => {
  const { cast, alice, bob } = await twoPhones();
  const callId = await begins(alice, bob);
  await world.clock.advance(20_000);
  expect(bob.pushes()).toEqual(["incoming_call"]);
  const view = await seen(alice, callId);
  expect(view).toMatchObject({ status: "calling", legs: [{}, { status: "invited" }] });
  expect(view.legs[1]).not.toHaveProperty("ringingAtMs");
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("the first acknowledgement makes the call ring, with a time that is kept, and the caller's leg gets an update", async () => {
  const { cast, alice, bob, tablet } = await twoPhones();
  const callId = await begins(alice, bob);
  await world.clock.advance(3_000);
  const ringingAtMs = world.clock.now();
  expect(await rings(tablet, callId)).toMatchObject({ status: 200, body: { status: "ringing" } });
  await world.clock.advance(1_000);
  const told = world
    .events("LegUpdated")
    .filter((detail: Shape) => detail["callId"] === callId && detail["clientId"] === alice.clientId);
  expect(told.map(({ status }) => status)).toContain("ringing");
  expect(await seen(alice, callId)).toMatchObject({ status: "ringing", legs: [{}, { ringingAtMs }] });
  expect((await legIn(callId, bob, bob))["devices"]).toEqual(
    expect.arrayContaining([expect.objectContaining({ deviceId: "tablet", ringingAtMs })]),
  );
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("the acknowledgement of a second phone does not change the time", async () => {
  const { cast, alice, bob, tablet } = await twoPhones();
  const callId = await begins(alice, bob);
  await world.clock.advance(3_000);
  const ringingAtMs = world.clock.now();
  await rings(tablet, callId);
  await world.clock.advance(2_000);
  await rings(bob, callId);
  expect(await legIn(callId, bob, bob)).toMatchObject({ status: "ringing", ringingAtMs });
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("a phone that acknowledges after another has answered learns that the call is answered elsewhere", async () => {
  const { cast, alice, bob, tablet } = await twoPhones();
  const callId = await begins(alice, bob);
  await world.clock.advance(2_000);
  await answers(bob, callId);
  expect(await rings(tablet, callId)).toMatchObject({
    status: 410,
    body: { code: "call_over", endReason: "answered_elsewhere" },
  });
  await ends(alice, callId);
  expect(await rings(tablet, callId)).toMatchObject({ status: 410, body: { endReason: "completed" } });
  await expectAftermath(cast, { callId, endReason: "completed" });
});

test("a call that rings without an answer is missed, and keeps the time at which it rang", async () => {
  const { cast, alice, bob } = await twoPhones();
  const callId = await begins(alice, bob);
  await world.clock.advance(1_000);
  await rings(bob, callId);
  await expectAftermath(cast, { callId, endReason: "missed" });
  expect(await legIn(callId, bob, alice)).toMatchObject({ ringingAtMs: expect.any(Number) });
});

test("a phone that connects late, without any push, finds the call and answers it", async () => {
  const { cast, alice, bob } = await twoPhones();
  const callOf = async (phone: Phone) =>
    (await phone.send({ action: "getClient", clientId: bob.clientId })).body["activeCallId"];
  expect(await callOf(bob)).toBeUndefined();
  const callId = await begins(alice, bob);
  await world.clock.advance(3_000);
  const page = await cast.phone("bob", "page", { clientId: bob.clientId, notifyType: "WEB" });
  expect(await callOf(page)).toBe(callId);
  expect(await rings(page, callId)).toMatchObject({ status: 200, body: { status: "ringing" } });
  expect(await answers(page, callId)).toMatchObject({ status: 200, body: { status: "answered" } });
  expect(await callOf(page)).toBe(callId);
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "completed" });
  expect(await callOf(page)).toBeUndefined();
});
