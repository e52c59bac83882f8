/** How often a person may begin calls and register phones, and how long a call may last. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { aliceAndBob, answers, begins, calls, ends, joinsStage, legIn, meanwhile } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MAX_A_MINUTE = 10;

describe("a caller who begins calls", () => {
  test("is refused at the eleventh within a minute, with Retry-After, and can call again after it", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    for (let number = 1; number <= MAX_A_MINUTE; number += 1) {
      await ends(alice, await begins(alice, bob));
      await world.clock.advance(1_000);
    }
    const reply = await calls(alice, [bob]);
    expect(reply).toMatchObject({ status: 429, body: { code: "too_many_calls" } });
    const seconds = Number(reply.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThanOrEqual(50);
    await world.clock.advance((seconds - 2) * 1000);
    expect((await calls(alice, [bob])).status).toBe(429);
    await world.clock.advance(2_000);
    const callId = await begins(alice, bob);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("cannot pass the limit by several requests at once", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const busy = await cast.phone("carol");
    const other = await begins(bob, busy);
    await answers(busy, other);
    for (let number = 1; number < MAX_A_MINUTE - 1; number += 1) {
      expect((await calls(alice, [bob])).status).toBe(409);
    }
    // Two are left. Requests that lose to another's write pause and try again.
    const sending = Promise.all([1, 2, 3, 4].map(() => calls(alice, [bob])));
    const statuses = (await meanwhile(world, sending)).map(({ status }) => status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([409, 409, 429, 429]);
    await ends(bob, other);
    await expectAftermath(cast, { callId: other, endReason: "completed" });
  });

  test("is not counted for repeats of the call that rings", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const callId = await begins(alice, bob);
    for (let number = 1; number <= 2 * MAX_A_MINUTE; number += 1)
      expect(await begins(alice, bob)).toBe(callId);
    await ends(alice, callId);
    await world.clock.advance(1_000);
    await ends(alice, await begins(alice, bob));
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("leaves other people their own limit", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const carol = await cast.phone("carol");
    for (let number = 1; number <= MAX_A_MINUTE; number += 1) {
      await ends(alice, await begins(alice, bob));
      await world.clock.advance(1_000);
    }
    expect((await calls(alice, [bob])).status).toBe(429);
    const callId = await begins(carol, bob);
    await ends(carol, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});

test("a person registers 30 new push tokens an hour and no more, and known ones do not count", async () => {
  const { cast, alice, bob } = await aliceAndBob(world);
  const register = (deviceToken: string) =>
    bob.send({ action: "register", notifyType: "GCM", deviceToken, clientId: bob.clientId });
  for (let number = 2; number <= 30; number += 1) {
    expect((await register(`bob-token-${number}-${cast.since}`)).status).toBe(200);
  }
  const refused = await register(`bob-token-31-${cast.since}`);
  expect(refused).toMatchObject({ status: 429, body: { code: "too_many_registrations" } });
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(3600);
  expect((await register(`bob-token-30-${cast.since}`)).status).toBe(200);
  const callId = await begins(alice, bob);
  await ends(alice, callId);
  await world.clock.advance(3600_000);
  const again = await world.phone(bob.owner, {
    clientId: bob.clientId,
    deviceToken: `bob-token-31-${cast.since}`,
  });
  expect(again.clientId).toBe(bob.clientId);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("a call that is never hung up expires after four hours, for both", async () => {
  const { cast, alice, bob } = await aliceAndBob(world);
  const callId = await begins(alice, bob);
  await answers(bob, callId);
  for (const person of [alice, bob]) await joinsStage(person, callId);
  await world.clock.advance(4 * 3600_000 - 10_000);
  expect((await world.item(callId))["status"]).toEqual({ S: "answered" });
  await world.clock.advance(20_000);
  expect((await world.item(callId))["endReason"]).toEqual({ S: "expired" });
  await expectAftermath(cast, { callId, endReason: "expired" });
  const again = await world.phone(alice.owner, alice.deviceToken);
  for (const person of [alice, bob]) {
    expect(await legIn(callId, person, again)).toMatchObject({ status: "left", endReason: "expired" });
  }
});
