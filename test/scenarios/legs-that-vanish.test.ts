/** Phones that vanish from a call, with IVS's events of it or without. Invariants P1 to P4: calls/presence.ts. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import {
  type Participant,
  SESSION_LINGERS_MS,
} from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { openScene, type Scene, type Talk } from "./scene.ts";
import { lost, MINUTE_MS, said, SECOND_MS, vanishing } from "./vanishing.ts";

let world: World;
let it: ReturnType<typeof vanishing>;
openForAll(startWorld, (opened) => {
  world = opened;
  it = vanishing(world);
});

describe("an app that is killed", () => {
  test("on one side ends the call as dropped within about a minute", async () => {
    const { scene, callId, bob } = await it.talking();
    world.runtime.ivs.vanish(bob);
    const seconds = await it.secondsUntilEnd(callId);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
    expect(await world.states(callId)).toEqual(expect.arrayContaining(["Dropped", "Clean up"]));
  });

  test("on both sides ends the call once", async () => {
    const { scene, callId, alice, bob } = await it.talking();
    for (const side of [alice, bob]) world.runtime.ivs.vanish(side);
    expect(await it.secondsUntilEnd(callId)).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test.each([
    ["on the callee's side", ["alice"]],
    ["on the caller's side", ["bob"]],
    ["on both sides", []],
  ] as const)(
    "before it joined, %s, ends the call within a minute of the answer",
    async (_which, joining) => {
      const scene = await openScene(world);
      const called = await scene.call();
      const callId = String(called.body["callId"]);
      await world.clock.advance(2_000);
      const answer = await scene.answers(callId);
      for (const who of joining) await scene[who].joins(who === "alice" ? called : answer);
      const seconds = await it.secondsUntilEnd(callId);
      expect(seconds).toBeGreaterThan(30);
      expect(seconds).toBeLessThan(60);
      await expectAftermath(scene, { callId, endReason: "dropped" });
    },
  );

  test("while the other side rings ends the call after the answer", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    world.runtime.ivs.leave(await scene.alice.joins(called));
    await world.clock.advance(25_000);
    await scene.bob.joins(await scene.answers(callId));
    expect(await it.secondsUntilEnd(callId)).toBeLessThan(60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });
});

describe("IVS's event of a phone that is gone", () => {
  test("may be lost: if both are gone, the pool's keeper finds that the stage has no session", async () => {
    const { scene, callId, alice, bob } = await it.talking();
    scene.interfere(said("Unpublished", callId, lost));
    for (const side of [alice, bob]) world.runtime.ivs.vanish(side);
    // A session lasts for some minutes after the last participant.
    expect(await it.secondsUntilEnd(callId)).toBeLessThan(6 * 60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("may be lost: if one is gone, the call goes on until the other hangs up", async () => {
    const { scene, callId, bob } = await it.talking();
    scene.interfere(said("Unpublished", callId, lost));
    world.runtime.ivs.vanish(bob);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await it.statusOf(callId)).toBe("answered");
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("may arrive more than once: the call ends once", async () => {
    const { scene, callId, bob } = await it.talking();
    scene.interfere(said("Unpublished", callId, it.arriving(0, 500, 15_000)));
    world.runtime.ivs.vanish(bob);
    expect(await it.secondsUntilEnd(callId)).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("may arrive 20 minutes late, after the call", async () => {
    const { scene, callId, alice, bob } = await it.talking();
    const startMs = world.clock.now();
    scene.interfere(said("Unpublished", callId, it.arriving(20 * MINUTE_MS)));
    await scene.aliceEnds(callId);
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await expectAftermath(scene, { callId, endReason: "completed", withinMs: 25 * MINUTE_MS });
    expect(it.looksSince(startMs)).toEqual([]);
  });

  test("may arrive 20 minutes late, when the phone is back", async () => {
    const { scene, callId, bob } = await it.talking();
    scene.interfere(said("Unpublished", callId, it.arriving(20 * MINUTE_MS)));
    world.runtime.ivs.unpublish(bob);
    await world.clock.advance(1_000);
    world.runtime.ivs.publish(bob);
    const startMs = world.clock.now();
    await world.clock.advance(25 * MINUTE_MS);
    expect([await it.statusOf(callId), it.looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("may arrive before the event that the phone began to publish", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    await scene.alice.joins(called);
    scene.interfere(said("Published", `${callId}-2-`, it.arriving(10_000)));
    world.runtime.ivs.leave(await scene.bob.joins(await scene.answers(callId)));
    expect(await it.secondsUntilEnd(callId)).toBeLessThan(60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("does not count if it belongs to an older token: the phone is there with a newer one", async () => {
    const { scene, callId, alice } = await it.talking();
    // By then her first token is about to expire.
    await world.clock.advance(100_000);
    const startMs = world.clock.now();
    world.runtime.ivs.vanish(alice);
    await world.clock.advance(5_000);
    const renewed = await scene.call();
    expect(renewed.body["callId"]).toBe(callId);
    const again = await scene.alice.joins(renewed);
    expect(again.participantId).toBe(`${callId}-1-2`);
    await world.clock.advance(3 * MINUTE_MS);
    expect([await it.statusOf(callId), it.looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

test("a phone that joins again with the same token stays, even if late events of its first connection follow", async () => {
  const scene = await openScene(world);
  const { callId, bob } = await scene.talks();
  world.runtime.ivs.vanish(bob);
  await world.clock.advance(5_000);
  const again = await scene.bob.joins(await scene.bob.send({ action: "rejoinCall", callId }));
  expect(again.participantId).toBe(`${callId}-2-1`);
  await world.clock.advance(3 * MINUTE_MS);
  expect(await it.statusOf(callId)).toBe("answered");
  await scene.aliceEnds(callId);
  await expectAftermath(scene, { callId, endReason: "completed" });
});

describe("between the two checks", () => {
  /** Bob's app was closed, and the first check has not found him. */
  async function doubted(): Promise<Talk & { scene: Scene }> {
    const talk = await it.talking();
    world.runtime.ivs.leave(talk.bob);
    await world.clock.advance(25_000);
    const { M: legs } = (await world.item(talk.callId))["legs"] as Record<string, Shape>;
    expect(JSON.stringify(legs)).toContain('"doubt"');
    return talk;
  }

  test("a hang-up wins", async () => {
    const { scene, callId } = await doubted();
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("a phone that comes back ends the doubt", async () => {
    const { scene, callId, bob } = await doubted();
    await scene.bob.joins(await scene.answers(callId));
    await world.clock.advance(3 * MINUTE_MS);
    expect([await it.statusOf(callId), bob.connected]).toEqual(["answered", false]);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("both phones may move to a new session of the stage, where the checks find them", async () => {
    const { scene, callId, alice, bob } = await it.talking();
    scene.interfere(said("Unpublished", callId, it.arriving(3.5 * MINUTE_MS)));
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await world.clock.advance(SESSION_LINGERS_MS + SECOND_MS);
    expect(await sessionOf(alice)).toBeUndefined();
    for (const [leg, side] of [alice, bob].entries()) await comesBack(callId, side, leg + 1);
    expect(await sessionOf(alice)).not.toBe(alice.sessionId);
    const startMs = world.clock.now();
    await world.clock.advance(5 * MINUTE_MS);
    expect(await it.statusOf(callId)).toBe("answered");
    expect(it.looksSince(startMs).length).toBeGreaterThanOrEqual(1);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

async function sessionOf({ stageArn }: Participant): Promise<string | undefined> {
  const { stage } = await world.aws("ivs", "GetStage", { arn: stageArn });
  return (stage as { activeSessionId?: string }).activeSessionId || undefined;
}

/** Joins with a token that IVS made, as in a stack without a key, because the first has expired by now. */
async function comesBack(callId: string, { stageArn, userId }: Participant, leg: number): Promise<void> {
  const attributes = { callId, leg: String(leg) };
  const { participantToken } = await world.aws("ivs", "CreateParticipantToken", {
    stageArn,
    userId,
    attributes,
  });
  await world.runtime.ivs.join((participantToken as { token: string }).token);
}
