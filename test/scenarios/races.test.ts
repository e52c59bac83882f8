/** Every pair of actions that end or answer a ringing call: in sequence, at once, and overtaken between read and write. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { slow } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const RING_MS = 45_000;
const ACTIONS = ["answer", "decline", "cancel", "ring timeout", "hang-up"] as const;
type Action = (typeof ACTIONS)[number];
/** The end reason of a call with this first action. An answered call is hung up afterwards. */
const FIRST_WINS: Record<Action, string> = {
  answer: "completed",
  decline: "declined",
  cancel: "cancelled",
  "ring timeout": "missed",
  "hang-up": "declined",
};

/** `ringsSinceMs` is the time at which the call began. */
async function act(
  scene: Scene,
  action: Action,
  callId: string,
  ringsSinceMs: number,
): Promise<Reply | undefined> {
  switch (action) {
    case "answer":
      return scene.answers(callId);
    case "decline":
      return scene.declines(callId);
    case "cancel":
      return scene.aliceEnds(callId);
    case "hang-up":
      return scene.bobEnds(callId);
    case "ring timeout":
      await world.clock.advance(Math.max(0, ringsSinceMs + RING_MS + 2_000 - world.clock.now()));
      return undefined;
  }
}

const PAIRS = ACTIONS.flatMap((first) =>
  ACTIONS.filter((second) => second !== first).map((second) => [first, second] as const),
);

async function ringing(): Promise<{ scene: Scene; callId: string; sinceMs: number }> {
  const scene = await openScene(world);
  const sinceMs = world.clock.now();
  const callId = await scene.begins();
  await world.clock.advance(2_000);
  return { scene, callId, sinceMs };
}

/**
 * The end that the replies promise: the action with a 200 has won, and the one with a 410 has lost to the reason in it.
 * A successful answer leads to a completed call, whichever side hangs up. Ending an ended call is no error, so a
 * hang-up always gets a 200.
 */
function promisedEnd(actions: readonly Action[], replies: readonly (Reply | undefined)[]): string {
  const answered = replies[actions.indexOf("answer")]?.status === 200;
  const named = replies.flatMap((reply) => reply?.body["endReason"] ?? []).map(String);
  const [endReason = "none", ...others] = answered ? ["completed"] : new Set(named);
  expect(others).toEqual([]);
  expect(actions.map((action) => FIRST_WINS[action])).toContain(endReason);
  const refusable = actions.flatMap((action, place) =>
    action === "answer" || action === "decline" ? { action, status: replies[place]?.status } : [],
  );
  expect(refusable).toEqual(
    refusable.map(({ action }) => ({ action, status: endReason === FIRST_WINS[action] ? 200 : 410 })),
  );
  return endReason;
}

/** The caller hangs up a call that is still answered. */
async function expectSettled(scene: Scene, callId: string, endReason: string): Promise<void> {
  await world.clock.advance(3_000);
  await scene.aliceEnds(callId);
  await expectAftermath(scene, { callId, endReason });
}

describe("in sequence, the first wins", () => {
  test.each(PAIRS)("%s, then %s", async (first, second) => {
    const { scene, callId, sinceMs } = await ringing();
    await act(scene, first, callId, sinceMs);
    await world.clock.advance(1_000);
    await act(scene, second, callId, sinceMs);
    await expectSettled(scene, callId, FIRST_WINS[first]);
  });
});

describe("before the workflow has followed the first, the first wins", () => {
  test.each(PAIRS)("%s, then at once %s", async (first, second) => {
    const { scene, callId, sinceMs } = await ringing();
    await act(scene, first, callId, sinceMs);
    await act(scene, second, callId, sinceMs);
    await expectSettled(scene, callId, FIRST_WINS[first]);
  });
});

describe("at once, one of them wins", () => {
  test.each(PAIRS)("%s and %s", async (first, second) => {
    const { scene, callId, sinceMs } = await ringing();
    const toRingEnd = sinceMs + RING_MS - world.clock.now();
    if (first === "ring timeout" || second === "ring timeout") await world.clock.advance(toRingEnd);
    const replies = await Promise.all([first, second].map((action) => act(scene, action, callId, sinceMs)));
    await expectSettled(scene, callId, promisedEnd([first, second], replies));
  });
});

describe("overtaken between its read and its write, the slower one loses", () => {
  const pairs = PAIRS.filter((pair) => !pair.includes("ring timeout"));
  test.each(pairs)("%s is overtaken by %s", async (slower, faster) => {
    const { scene, callId, sinceMs } = await ringing();
    scene.interfere({
      service: "dynamodb",
      operation: "UpdateItem",
      from: "ringmaster-rest-entrypoint",
      fault: slow(world.clock, 500),
    });
    const slowly = act(scene, slower, callId, sinceMs);
    await world.clock.advance(100);
    await act(scene, faster, callId, sinceMs);
    await world.clock.advance(1_000);
    await slowly;
    await expectSettled(scene, callId, FIRST_WINS[faster]);
  });
});
