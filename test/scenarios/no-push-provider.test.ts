/** A stack as it is deployed by default: without credentials it has no push provider. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { synthesize } from "../../local/synthesize.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { openScene } from "./scene.ts";

let world: World;
beforeAll(async () => {
  const { directory } = await synthesize({ context: { minStages: "12" }, localPush: false });
  world = await startWorld({ assembly: directory });
});
afterAll(async () => world[Symbol.asyncDispose]());

const outcomes = (callId: string): unknown[] =>
  world
    .events("PushSent")
    .filter((event) => event["callId"] === callId)
    .map((event) => [event["type"], event["outcomes"]]);

test("a phone that only a push could ring is unreachable at once, and the event and the call give the reason", async () => {
  const scene = await openScene(world);
  const callId = await scene.begins();
  await expectAftermath(scene, { callId, endReason: "unreachable" });
  expect(outcomes(callId)).toEqual([["incoming_call", { no_provider: 1 }]]);
  const { body } = await scene.bob.send({ action: "getCall", callId });
  expect(JSON.stringify(body)).toContain('"outcome":"no_provider"');
});

test("the token is kept for a later provider", async () => {
  const scene = await openScene(world);
  await scene.begins();
  await world.clock.advance(5_000);
  const again = await scene.begins();
  await world.clock.advance(5_000);
  expect(outcomes(again)).toEqual([["incoming_call", { no_provider: 1 }]]);
});
