/** Two clients who call each other, and one who calls again: one call, in any order and even at the same moment. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { slow } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const back = ({ alice, bob }: Scene): Promise<Reply> =>
  bob.send({ action: "initiateCall", callerId: bob.clientId, calleeId: alice.clientId });
const forth = (scene: Scene): Promise<Reply> => scene.call();

/** Every request succeeded, and all of them return the same call. */
function oneCall(replies: readonly Reply[]): string {
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  const ids = new Set(replies.map(({ body }) => body["callId"]));
  expect(ids.size).toBe(1);
  return [...ids].join("");
}

/** Sends while time passes, because requests that conflict pause between their attempts. */
const meanwhile = async (sending: readonly Promise<Reply>[]): Promise<Reply[]> => {
  const [replies] = await Promise.all([Promise.all(sending), world.clock.advance(3_000)]);
  return replies;
};

const CALLS = {
  "Alice calls Bob": forth,
  "Bob calls Alice": back,
} as const;
type Direction = keyof typeof CALLS;
/** The end reason of a call that Alice hangs up before it is answered. */
const UNANSWERED: Record<Direction, string> = {
  "Alice calls Bob": "cancelled",
  "Bob calls Alice": "declined",
};
const DIRECTIONS = Object.keys(CALLS) as Direction[];
const PAIRS = DIRECTIONS.flatMap((first) => DIRECTIONS.map((second) => [first, second] as const));

test.each(PAIRS)("%s and then %s: one call, answered if they call each other", async (first, second) => {
  const scene = await openScene(world);
  const one = await CALLS[first](scene);
  await world.clock.advance(2_000);
  const other = await CALLS[second](scene);
  const callId = oneCall([one, other]);
  expect(other.body["status"]).toBe(first === second ? "calling" : "answered");
  await scene.aliceEnds(callId);
  await expectAftermath(scene, { callId, endReason: first === second ? UNANSWERED[first] : "completed" });
});

test.each(PAIRS)("%s and at once %s: one call, answered if they call each other", async (first, second) => {
  const scene = await openScene(world);
  const replies = await meanwhile([CALLS[first](scene), CALLS[second](scene)]);
  const callId = oneCall(replies);
  const { body } = await scene.bob.send({ action: "getCall", callId });
  expect(body["status"]).toBe(first === second ? "calling" : "answered");
  await scene.aliceEnds(callId);
  await expectAftermath(scene, { callId, endReason: first === second ? UNANSWERED[first] : "completed" });
});

test.each(PAIRS)(
  "%s, overtaken during its admission by %s: one call, answered if they call each other",
  async (first, second) => {
    const scene = await openScene(world);
    scene.interfere({
      service: "dynamodb",
      operation: "TransactWriteItems",
      from: "ringmaster-rest-entrypoint",
      fault: slow(world.clock, 500),
    });
    const slower = CALLS[first](scene);
    await world.clock.advance(100);
    const faster = await CALLS[second](scene);
    await world.clock.advance(2_000);
    const callId = oneCall([await slower, faster]);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: first === second ? UNANSWERED[first] : "completed" });
  },
);

test("five simultaneous requests in both directions are one call", async () => {
  const scene = await openScene(world);
  const sending = [forth, back, forth, back, forth].map((call) => call(scene));
  const callId = oneCall(await meanwhile(sending));
  await scene.bobEnds(callId);
  await expectAftermath(scene, { callId, endReason: "completed" });
});

test("a call that is repeated during its cancel is over, or a new one that rings", async () => {
  const scene = await openScene(world);
  const callId = await scene.begins();
  await world.clock.advance(1_000);
  const [again] = await meanwhile([scene.call(), scene.aliceEnds(callId)]);
  const next = String(again?.body["callId"]);
  // After a 410 the repeat lost to the cancel. With another call's id, that call rings.
  const { status, code, endReason } = { ...again?.body };
  expect([
    { status: 410, code: "call_over", endReason: "cancelled", same: true },
    { status: "calling", same: true },
    { status: "calling", same: false },
  ]).toContainEqual({ status, ...(code ? { code, endReason } : {}), same: next === callId });
  if (next !== callId) {
    await scene.aliceEnds(next);
    await expectAftermath(scene, { callId: next, endReason: "cancelled" });
  }
  await expectAftermath(scene, { callId, endReason: "cancelled" });
});
