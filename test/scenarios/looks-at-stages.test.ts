/** Checks of stages: what a healthy call costs, which legs are left alone, and what follows from a check that fails. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { crashAfter, crashBefore, refused, THROTTLED } from "./faults.ts";
import { openScene, type Scene, type Talk } from "./scene.ts";
import { lost, MINUTE_MS, said, SECOND_MS, vanishing } from "./vanishing.ts";

let world: World;
let it: ReturnType<typeof vanishing>;
openForAll(startWorld, (opened) => {
  world = opened;
  it = vanishing(world);
});

describe("a healthy call", () => {
  test("asks IVS nothing, from its ring to its clean-up", async () => {
    const startMs = world.clock.now();
    const { scene, callId, alice, bob } = await it.talking();
    await scene.aliceEnds(callId);
    for (const side of [alice, bob]) world.runtime.ivs.leave(side);
    await expectAftermath(scene, { callId, endReason: "completed" });
    expect(it.looksSince(startMs)).toEqual([]);
  });

  test("in which a phone only stops publishing goes on, because it is still connected (P2)", async () => {
    const { scene, callId, bob } = await it.talking();
    const startMs = world.clock.now();
    world.runtime.ivs.unpublish(bob);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await it.statusOf(callId)).toBe("answered");
    expect(it.looksSince(startMs)).toHaveLength(1);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("in which a phone vanishes for some seconds goes on, and IVS is not asked", async () => {
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
    expect([await it.statusOf(callId), it.looksSince(startMs)]).toEqual(["answered", []]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("whose phones IVS never reported goes on: one check finds both", async () => {
    const scene = await openScene(world);
    scene.interfere(said("Published", "", lost));
    const startMs = world.clock.now();
    const { callId } = await scene.talks();
    await world.clock.advance(5 * MINUTE_MS);
    expect([await it.statusOf(callId), it.looksSince(startMs).length]).toEqual(["answered", 1]);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});

describe("a check that fails", () => {
  test("because IVS throttles is repeated later, and drops no connected leg", async () => {
    const { scene, callId, alice, bob } = await it.talking();
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
    expect([await it.statusOf(callId), scene.unmet()]).toEqual(["answered", []]);
    world.runtime.ivs.vanish(bob);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each([
    ["after", "dynamodb", "UpdateItem", crashAfter],
    ["after", "sqs", "SendMessageBatch", crashAfter],
    ["before", "events", "PutEvents", crashBefore],
    ["after", "events", "PutEvents", crashAfter],
  ] as const)(
    "because its function dies %s %s %s still ends the call",
    async (_when, service, operation, fault) => {
      const { scene, callId, bob } = await it.talking();
      scene.interfere({ service, operation, from: "ringmaster-verify-legs", fault });
      world.runtime.ivs.leave(bob);
      // A lost event costs the longest wait of the workflow (W6).
      await expectAftermath(scene, { callId, endReason: "dropped", withinMs: 12 * MINUTE_MS });
    },
  );
});

/** Records of stages that do not exist. The keeper looks each of them up, because its endpoints are old, and deletes it. */
async function strandRecords(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const stageId = `stranded${n}`;
    const arn = `arn:aws:ivs:us-east-1:000000000000:stage/${stageId}`;
    const endpoints = { M: { events: { S: "wss://events" }, whip: { S: "https://whip" } } };
    const times = Object.fromEntries(
      ["endpointsAtMs", "sinceMs", "tokensUntilMs", "dueAtMs"].map((name) => [name, { N: "0" }]),
    );
    const names = { stageId: { S: stageId }, arn: { S: arn }, due: { S: "free" } };
    await world.aws("dynamodb", "PutItem", {
      TableName: world.runtime.physicalId("StagesTable"),
      Item: { ...names, ...times, endpoints, status: { S: "free" } },
    });
  }
}

/** The time at which the pool's keeper runs next. */
function nextKeepingMs(): number {
  const first = world.happened.find(
    (one) => one.kind === "invocation" && one.functionName === "ringmaster-keep-stages",
  );
  const sinceMs = world.clock.now() - (first?.atMs ?? 0);
  return world.clock.now() + MINUTE_MS - (sinceMs % MINUTE_MS);
}

test("phones in many calls stop publishing at once: four checks a second run beside the keeper, and no call ends", async () => {
  const CALLS = 8;
  const scenes: (Talk & { scene: Scene })[] = [];
  for (let n = 0; n < CALLS; n += 1) {
    const scene = await openScene(world);
    scenes.push({ scene, ...(await scene.talks()) });
  }
  // The checks come due during the keeper's run, after 20 seconds in the queue and one to gather.
  await world.clock.advance(2 * MINUTE_MS - ((world.clock.now() - nextKeepingMs() + 21_000) % MINUTE_MS));
  await strandRecords(6);
  const startMs = world.clock.now();
  for (const { alice, bob } of scenes) for (const side of [alice, bob]) world.runtime.ivs.unpublish(side);
  await world.clock.advance(2 * MINUTE_MS);
  const looks = it.looksSince(startMs);
  expect(looks.length).toBeGreaterThanOrEqual(CALLS);
  const asked = world.happened.flatMap((one) =>
    one.kind === "aws-call" && one.service === "ivs" && one.atMs >= startMs ? [one] : [],
  );
  expect(asked.filter(({ error }) => error === "ThrottlingException")).toEqual([]);
  const busiest = (operation: string): number => {
    const times = asked.filter((one) => one.operation === operation).map(({ atMs }) => atMs);
    return Math.max(...times.map((from) => times.filter((ms) => ms >= from && ms < from + SECOND_MS).length));
  };
  // Four of the GetStage requests are checks, and the fifth is the keeper's.
  expect([busiest("GetStage"), busiest("ListParticipants")]).toEqual([5, 4]);
  const seconds = ((looks.at(-1) ?? 0) - (looks[0] ?? 0)) / SECOND_MS;
  expect(seconds).toBeLessThanOrEqual(looks.length / 4 + 1);
  for (const { callId, scene } of scenes) {
    expect(await it.statusOf(callId)).toBe("answered");
    await scene.aliceEnds(callId);
  }
});
