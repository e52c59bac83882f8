/** Phones that vanish from a call, and what IVS says of it, or does not. Invariants P1 to P4: calls/presence.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Shape } from "../../local/door.ts";
import type { Fault, Interference } from "../../local/faults.ts";
import type { Participant } from "../../local/ivs-realtime/media-plane.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { crashAfter, deferred, refused, THROTTLED } from "./faults.ts";
import { openScene, type Scene, type Talk } from "./scene.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** Both talk for a minute, so that every check after the answer is over. */
async function talking(): Promise<Talk & { scene: Scene }> {
  const scene = await openScene(world);
  const talk = await scene.talks();
  await world.clock.advance(MINUTE_MS);
  return { scene, ...talk };
}

/** What IVS says of a participant does not reach the bus as it happens. */
const said = (what: "Published" | "Unpublished", who: string, fault: Fault): Interference => ({
  service: "events",
  operation: "PutServiceEvent",
  times: Number.POSITIVE_INFINITY,
  where: ({ input }) => {
    const { event_name: name, participant_id: id } = input["detail"] as Shape;
    return name === `Participant ${what}` && String(id).startsWith(who);
  },
  fault,
});
const lost: Fault = async () => ({});
const arriving = (...afterMs: number[]): Fault => deferred(world.clock, {}, ...afterMs);

const statusOf = async (callId: string): Promise<unknown> => (await world.item(callId))["status"]?.["S"];
const secondsUntilEnd = async (callId: string): Promise<number> => {
  const startMs = world.clock.now();
  await world.clock.until(async () => (await statusOf(callId)) === "ended", 10 * MINUTE_MS);
  return (world.clock.now() - startMs) / SECOND_MS;
};

/** When `verify-legs` asked IVS for a stage, since then. */
const looksSince = (sinceMs: number): number[] =>
  world.happened.flatMap((one) =>
    one.kind === "aws-call" &&
    one.operation === "GetStage" &&
    one.caller.kind === "role" &&
    one.caller.functionName === "ringmaster-verify-legs" &&
    one.atMs >= sinceMs
      ? [one.atMs]
      : [],
  );

describe("an app that is killed", () => {
  test("on one side ends the call as dropped within a minute or so", async () => {
    const { scene, callId, bob } = await talking();
    world.runtime.ivs.vanish(bob);
    const seconds = await secondsUntilEnd(callId);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
    expect(await world.states(callId)).toEqual(expect.arrayContaining(["Dropped", "Clean up"]));
  });

  test("on both sides ends the call once", async () => {
    const { scene, callId, alice, bob } = await talking();
    for (const side of [alice, bob]) world.runtime.ivs.vanish(side);
    expect(await secondsUntilEnd(callId)).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test.each([
    ["the callee's", ["alice"]],
    ["the caller's", ["bob"]],
    ["each", []],
  ] as const)(
    "before it ever joined, %s, ends the call within a minute of the answer",
    async (_which, joining) => {
      const scene = await openScene(world);
      const called = await scene.call();
      const callId = String(called.body["callId"]);
      await world.clock.advance(2_000);
      const answer = await scene.answers(callId);
      for (const who of joining) await scene[who].joins(who === "alice" ? called : answer);
      const seconds = await secondsUntilEnd(callId);
      expect(seconds).toBeGreaterThan(30);
      expect(seconds).toBeLessThan(60);
      await expectAftermath(scene, { callId, endReason: "dropped" });
    },
  );

  test("while it rings on the other side ends the call after the answer", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    world.runtime.ivs.leave(await scene.alice.joins(called));
    await world.clock.advance(25_000);
    await scene.bob.joins(await scene.answers(callId));
    expect(await secondsUntilEnd(callId)).toBeLessThan(60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });
});

describe("a healthy call", () => {
  test("asks IVS nothing, from ring to clean-up", async () => {
    const startMs = world.clock.now();
    const { scene, callId, alice, bob } = await talking();
    await scene.aliceEnds(callId);
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await expectAftermath(scene, { callId, endReason: "completed" });
    expect(looksSince(startMs)).toEqual([]);
  });

  test("in which a phone only stops publishing goes on: who is connected is there (P2)", async () => {
    const { scene, callId, bob } = await talking();
    const startMs = world.clock.now();
    world.runtime.ivs.unpublish(bob);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await statusOf(callId)).toBe("answered");
    expect(looksSince(startMs)).toHaveLength(1);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("in which a phone blinks goes on, and IVS is not asked", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    const alice = await scene.alice.joins(called);
    await scene.bob.joins(await scene.answers(callId));
    await world.clock.advance(35_000);
    const startMs = world.clock.now();
    world.runtime.ivs.vanish(alice);
    await world.clock.advance(15_000);
    const again = await world.runtime.ivs.join(String(called.body["token"]));
    await world.clock.advance(300);
    world.runtime.ivs.publish(again);
    await world.clock.advance(5 * MINUTE_MS);
    expect([await statusOf(callId), looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("whose phones IVS never mentioned goes on: one look finds both", async () => {
    const scene = await openScene(world);
    scene.interfere(said("Published", "", lost));
    const startMs = world.clock.now();
    const { callId } = await scene.talks();
    await world.clock.advance(5 * MINUTE_MS);
    expect([await statusOf(callId), looksSince(startMs).length]).toEqual(["answered", 1]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

describe("what IVS says of a phone that is gone", () => {
  test("may be lost: if both are gone, the pool's keeper finds that nobody is on the stage", async () => {
    const { scene, callId, alice, bob } = await talking();
    scene.interfere(said("Unpublished", callId, lost));
    for (const side of [alice, bob]) world.runtime.ivs.vanish(side);
    // A session lingers for some minutes.
    expect(await secondsUntilEnd(callId)).toBeLessThan(6 * 60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("may be lost: if one is gone, the other hangs up", async () => {
    const { scene, callId, bob } = await talking();
    scene.interfere(said("Unpublished", callId, lost));
    world.runtime.ivs.vanish(bob);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await statusOf(callId)).toBe("answered");
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("may be said twice: the call ends once", async () => {
    const { scene, callId, bob } = await talking();
    scene.interfere(said("Unpublished", callId, arriving(0, 500, 15_000)));
    world.runtime.ivs.vanish(bob);
    expect(await secondsUntilEnd(callId)).toBeLessThan(65);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("may come hours late, about a call that is over", async () => {
    const { scene, callId, alice, bob } = await talking();
    const startMs = world.clock.now();
    scene.interfere(said("Unpublished", callId, arriving(20 * MINUTE_MS)));
    await scene.aliceEnds(callId);
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await expectAftermath(scene, { callId, endReason: "completed", withinMs: 25 * MINUTE_MS });
    expect(looksSince(startMs)).toEqual([]);
  });

  test("may come hours late, about a phone that has long been back", async () => {
    const { scene, callId, bob } = await talking();
    scene.interfere(said("Unpublished", callId, arriving(20 * MINUTE_MS)));
    world.runtime.ivs.unpublish(bob);
    await world.clock.advance(1_000);
    world.runtime.ivs.publish(bob);
    const startMs = world.clock.now();
    await world.clock.advance(25 * MINUTE_MS);
    expect([await statusOf(callId), looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("may come before it is said that the phone had begun", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    await scene.alice.joins(called);
    scene.interfere(said("Published", `${callId}-2-`, arriving(10_000)));
    world.runtime.ivs.leave(await scene.bob.joins(await scene.answers(callId)));
    expect(await secondsUntilEnd(callId)).toBeLessThan(60);
    await expectAftermath(scene, { callId, endReason: "dropped" });
  });

  test("does not count if it is about an older token: the phone is there with a newer one", async () => {
    const { scene, callId, alice } = await talking();
    const startMs = world.clock.now();
    world.runtime.ivs.vanish(alice);
    await world.clock.advance(5_000);
    const renewed = await scene.call();
    expect(renewed.body["callId"]).toBe(callId);
    const again = await scene.alice.joins(renewed);
    expect(again.participantId).toBe(`${callId}-1-2`);
    await world.clock.advance(3 * MINUTE_MS);
    expect([await statusOf(callId), looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

describe("between the two looks", () => {
  /** Bob's app was closed; the first look has found nobody. */
  async function doubted(): Promise<Talk & { scene: Scene }> {
    const talk = await talking();
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

  test("a phone that comes back takes the doubt away", async () => {
    const { scene, callId, bob } = await doubted();
    await scene.bob.joins(await scene.answers(callId));
    await world.clock.advance(3 * MINUTE_MS);
    expect([await statusOf(callId), bob.connected]).toEqual(["answered", false]);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("both phones may move to a new session of the stage: looks find them there", async () => {
    const { scene, callId, alice, bob } = await talking();
    scene.interfere(said("Unpublished", callId, arriving(3.5 * MINUTE_MS)));
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await world.clock.until(async () => (await sessionOf(alice)) === undefined, 4 * MINUTE_MS);
    await world.clock.advance(SECOND_MS);
    for (const [leg, side] of [alice, bob].entries()) await comesBack(callId, side, leg + 1);
    expect(await sessionOf(alice)).not.toBe(alice.sessionId);
    const startMs = world.clock.now();
    await world.clock.advance(5 * MINUTE_MS);
    expect(await statusOf(callId)).toBe("answered");
    expect(looksSince(startMs).length).toBeGreaterThanOrEqual(1);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

async function sessionOf({ stageArn }: Participant): Promise<string | undefined> {
  const { stage } = await world.aws("ivs", "GetStage", { arn: stageArn });
  return (stage as { activeSessionId?: string }).activeSessionId || undefined;
}

/** With a token that IVS made, as in a stack without a key: the first has run out by now. */
async function comesBack(callId: string, { stageArn, userId }: Participant, leg: number): Promise<void> {
  const attributes = { callId, leg: String(leg) };
  const { participantToken } = await world.aws("ivs", "CreateParticipantToken", {
    stageArn,
    userId,
    attributes,
  });
  await world.runtime.ivs.join((participantToken as { token: string }).token);
}

describe("a look that goes wrong", () => {
  test("because IVS throttles is made again later, and drops nobody who is there", async () => {
    const { scene, callId, alice, bob } = await talking();
    scene.interfere({
      service: "ivs",
      operation: "GetStage",
      from: "ringmaster-verify-legs",
      times: 2,
      fault: refused(THROTTLED),
    });
    world.runtime.ivs.unpublish(alice);
    world.runtime.ivs.unpublish(bob);
    await world.clock.advance(9 * MINUTE_MS);
    expect([await statusOf(callId), scene.unmet()]).toEqual(["answered", []]);
    world.runtime.ivs.vanish(bob);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each(["UpdateItem", "SendMessageBatch", "PutEvents"])(
    "because its function dies after %s still ends the call",
    async (operation) => {
      const { scene, callId, bob } = await talking();
      const service = { UpdateItem: "dynamodb", SendMessageBatch: "sqs" }[operation] ?? "events";
      scene.interfere({ service, operation, from: "ringmaster-verify-legs", fault: crashAfter });
      world.runtime.ivs.leave(bob);
      await expectAftermath(scene, { callId, endReason: "dropped", withinMs: 9 * MINUTE_MS });
    },
  );
});

test("many phones that blink at once are looked at five a second at most, and none of their calls ends", async () => {
  const CALLS = 12;
  const scenes: (Talk & { scene: Scene })[] = [];
  for (let n = 0; n < CALLS; n += 1) {
    const scene = await openScene(world);
    scenes.push({ scene, ...(await scene.talks()) });
  }
  await world.clock.advance(MINUTE_MS);
  const startMs = world.clock.now();
  for (const { alice, bob } of scenes) for (const side of [alice, bob]) world.runtime.ivs.unpublish(side);
  await world.clock.advance(2 * MINUTE_MS);
  const looks = looksSince(startMs);
  expect(looks.length).toBeGreaterThanOrEqual(CALLS);
  const asked = world.happened.flatMap((one) =>
    one.kind === "aws-call" && one.service === "ivs" && one.atMs >= startMs ? [one] : [],
  );
  expect(asked.filter(({ error }) => error)).toEqual([]);
  for (const operation of ["GetStage", "ListParticipants", "ListStages"]) {
    const times = asked.filter((one) => one.operation === operation).map(({ atMs }) => atMs);
    const inASecond = times.map((from) => times.filter((ms) => ms >= from && ms < from + SECOND_MS).length);
    expect(Math.max(0, ...inASecond), operation).toBeLessThanOrEqual(5);
  }
  // 4 a second: so many calls, so long.
  const seconds = ((looks.at(-1) ?? 0) - (looks[0] ?? 0)) / SECOND_MS;
  expect(seconds).toBeLessThanOrEqual(looks.length / 4 + 1);
  for (const { callId, scene } of scenes) {
    expect(await statusOf(callId)).toBe("answered");
    await scene.aliceEnds(callId);
  }
});
