/** Each event that starts or wakes the workflow: delivered three times, hours late, after its successor, or never. */
import { beforeAll, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import { startWorld, type World } from "../world.ts";
import { executionsOf, expectAftermath } from "./after.ts";
import { adds, answers, ends } from "./cast.ts";
import { eventTo } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
type Waking = (typeof WAKING_EVENTS)[number];

/** A call with this event, followed closely by another event if possible, and its end reason. */
const STORIES: Record<Waking, { endReason: string; play(scene: Scene): Promise<string> }> = {
  CallInitiated: {
    endReason: "cancelled",
    async play(scene) {
      const callId = await scene.begins();
      await world.clock.advance(1_000);
      await scene.aliceEnds(callId);
      return callId;
    },
  },
  CallAnswered: {
    endReason: "completed",
    async play(scene) {
      const callId = await answered(scene);
      await world.clock.advance(1_000);
      await scene.bobEnds(callId);
      return callId;
    },
  },
  CallDeclined: {
    endReason: "declined",
    async play(scene) {
      const callId = await rung(scene);
      await scene.declines(callId);
      return callId;
    },
  },
  CallCancelled: {
    endReason: "cancelled",
    async play(scene) {
      const callId = await rung(scene);
      await scene.aliceEnds(callId);
      return callId;
    },
  },
  LegInvited: {
    endReason: "completed",
    async play(scene) {
      const callId = await answered(scene);
      await world.clock.advance(5_000);
      const carol = await scene.phone("carol");
      expect(await adds(scene.alice, callId, carol)).toMatchObject({ status: 200 });
      await world.clock.advance(1_000);
      await ends(carol, callId);
      await world.clock.advance(6_000);
      await scene.bobEnds(callId);
      return callId;
    },
  },
  LegJoined: {
    endReason: "completed",
    async play(scene) {
      const callId = await answered(scene);
      await world.clock.advance(5_000);
      const carol = await scene.phone("carol");
      await adds(scene.alice, callId, carol);
      await world.clock.advance(2_000);
      expect(await answers(carol, callId)).toMatchObject({ status: 200 });
      await scene.bobEnds(callId);
      await world.clock.advance(6_000);
      await ends(carol, callId);
      return callId;
    },
  },
  LegEnded: {
    endReason: "completed",
    async play(scene) {
      const callId = await answered(scene);
      await world.clock.advance(20_000);
      await scene.aliceEnds(callId);
      return callId;
    },
  },
};

async function rung(scene: Scene): Promise<string> {
  const callId = await scene.begins();
  await world.clock.advance(2_000);
  await scene.bob.send({ action: "ackRinging", callId });
  return callId;
}

async function answered(scene: Scene): Promise<string> {
  const callId = await rung(scene);
  await scene.answers(callId);
  return callId;
}

const SOON = [
  ["delivered three times", [0, 0, 1_500], 3 * MINUTE_MS],
  ["delivered after the next event", [5_000], 3 * MINUTE_MS],
  ["lost", [], 13 * MINUTE_MS],
] as const;
const LATE = [
  ["delivered 2 hours late", [2 * HOUR_MS]],
  ["delivered at once and again 2 hours late", [0, 2 * HOUR_MS]],
] as const;

async function playWith(waking: Waking, afterMs: readonly number[]): Promise<[Scene, string]> {
  const scene = await openScene(world);
  scene.interfere(eventTo("ringmaster-drive-call", waking, world.clock, ...afterMs));
  return [scene, await STORIES[waking].play(scene)];
}

async function expectNoHarm(waking: Waking, scene: Scene, callId: string, withinMs: number): Promise<void> {
  await expectAftermath(scene, { callId, endReason: STORIES[waking].endReason, withinMs });
  expect((await executionsOf(world, callId)).length).toBeLessThanOrEqual(1);
}

describe.each(WAKING_EVENTS)("%s", (waking) => {
  test.each(SOON)("%s does no harm", async (_how, afterMs, withinMs) => {
    const [scene, callId] = await playWith(waking, afterMs);
    await expectNoHarm(waking, scene, callId, withinMs);
  });
});

describe("hours later", () => {
  // The hours pass once for all cases.
  const played = new Map<string, [Scene, string]>();
  const cases = WAKING_EVENTS.flatMap((waking) => LATE.map(([how, afterMs]) => ({ waking, how, afterMs })));
  beforeAll(async () => {
    for (const { waking, how, afterMs } of cases) {
      played.set(waking + how, await playWith(waking, afterMs));
      await world.clock.advance(2 * MINUTE_MS);
    }
    await world.clock.advance(2 * HOUR_MS);
  });
  test.each(cases)("$waking $how does no harm", async ({ waking, how }) => {
    const [scene, callId] = played.get(waking + how) ?? [];
    if (!scene || !callId) throw new Error("not played");
    await expectNoHarm(waking, scene, callId, 1_000);
  });
});

describe("every waking event of a call", () => {
  test.each([
    ["three times", [0, 0, 1_500]],
    ["10 seconds late", [10_000]],
    ["never", []],
  ] as const)("delivered %s: a call that is answered and hung up is completed", async (_how, afterMs) => {
    const scene = await openScene(world);
    for (const waking of WAKING_EVENTS) {
      const every = eventTo("ringmaster-drive-call", waking, world.clock, ...afterMs);
      scene.interfere({ ...every, times: 100 }, { mayMiss: waking !== "CallInitiated" });
    }
    const callId = await scene.begins();
    await world.clock.advance(25_000);
    await scene.answers(callId);
    await world.clock.advance(30_000);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed", withinMs: 15 * MINUTE_MS });
  });

  test("lost, without an answer: the sweep starts the call, which still rings, and it is missed", async () => {
    const scene = await openScene(world);
    for (const waking of WAKING_EVENTS) {
      const lost = eventTo("ringmaster-drive-call", waking, world.clock);
      scene.interfere({ ...lost, times: 100 }, { mayMiss: waking !== "CallInitiated" });
    }
    // The sweep runs every minute and starts calls that are 20 seconds old.
    await world.clock.advance(MINUTE_MS - (world.clock.now() % MINUTE_MS) + 35_000);
    const callId = await scene.begins();
    await world.clock.advance(30_000);
    expect(scene.bob.pushes()).toEqual(["incoming_call"]);
    await expectAftermath(scene, { callId, endReason: "missed" });
  });
});
