/** Adding clients to a call that goes on: who may add whom, who rings, and who is busy. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { adds, answers, begins, declines, ends, legIn, openCast, seen } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const statuses = async (phone: Phone, callId: string): Promise<unknown[]> =>
  (await seen(phone, callId)).legs.map(({ status }) => status);

describe("adding people to a call", () => {
  async function aliceAndBobTalk() {
    const cast = await openCast(world);
    const [alice, bob] = [await cast.phone("alice"), await cast.phone("bob")];
    const [carol, dave] = [await cast.phone("carol"), await cast.phone("dave")];
    const callId = await begins(alice, bob);
    await answers(bob, callId);
    await world.clock.advance(1_000);
    return { cast, alice, bob, carol, dave, callId };
  }

  test("rings them, and they join", async () => {
    const { cast, alice, bob, carol, dave, callId } = await aliceAndBobTalk();
    expect(await adds(bob, callId, carol, dave)).toMatchObject({ status: 200, body: { status: "answered" } });
    await world.clock.advance(2_000);
    expect([carol.pushes(), dave.pushes()]).toEqual([["incoming_call"], ["incoming_call"]]);
    await answers(carol, callId);
    await declines(dave, callId);
    await world.clock.advance(2_000);
    expect(await statuses(alice, callId)).toEqual(["joined", "joined", "joined", "left"]);
    await ends(alice, callId);
    await ends(bob, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("records a busy client as busy, shows it a missed call, and rings the others", async () => {
    const { cast, alice, carol, dave, callId } = await aliceAndBobTalk();
    const erin = await cast.phone("erin");
    const talk = await begins(erin, carol);
    await answers(carol, talk);
    await adds(alice, callId, carol, dave);
    await world.clock.advance(2_000);
    expect(await legIn(callId, carol, alice)).toMatchObject({ status: "left", endReason: "busy" });
    expect(carol.pushes()).toContain("missed_call");
    expect(dave.pushes()).toEqual(["incoming_call"]);
    await ends(erin, talk);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed", withinMs: 180_000 });
  });

  test("is allowed to clients that have joined, and only for clients that are not in the call", async () => {
    const { cast, alice, bob, carol, dave, callId } = await aliceAndBobTalk();
    expect(await adds(dave, callId, carol)).toMatchObject({ status: 403, body: { code: "not_your_call" } });
    await adds(alice, callId, carol);
    expect(await adds(carol, callId, dave)).toMatchObject({ status: 409, body: { code: "not_in_call" } });
    // A client that is in the call already is not called again: a repeat does nothing.
    const before = await seen(alice, callId);
    expect(await adds(alice, callId, bob, carol)).toMatchObject({ status: 200 });
    expect((await seen(alice, callId))["version"]).toBe(before["version"]);
    await ends(alice, callId);
    await ends(bob, callId);
    expect(await adds(alice, callId, dave)).toMatchObject({ status: 410, body: { code: "call_over" } });
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("cannot add the caller who has left, and who may rejoin instead", async () => {
    const { cast, alice, bob, carol, callId } = await aliceAndBobTalk();
    await adds(alice, callId, carol);
    await answers(carol, callId);
    await ends(alice, callId);
    await world.clock.advance(1_000);
    expect(await adds(bob, callId, alice)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "calleeIds" }] },
    });
    expect(await alice.send({ action: "rejoinCall", callId })).toMatchObject({ status: 200 });
    expect(await statuses(bob, callId)).toEqual(["joined", "joined", "joined"]);
    await ends(bob, callId);
    expect(await seen(alice, callId)).toMatchObject({ status: "answered" });
    await ends(carol, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});
