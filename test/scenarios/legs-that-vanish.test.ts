import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../world.ts";
import { openScene } from "./scene.ts";
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());
test("try", async () => {
  const scene = await openScene(world);
  const { alice, bob } = scene;
  const reply = await scene.call();
  const callId = String(reply.body["callId"]);
  const a = await alice.joins(reply);
  const answer = await scene.answers(callId);
  const b = await bob.joins(answer);
  await world.clock.advance(60_000);
  console.log((await world.item(callId))["status"]);
  const t = world.clock.now();
  world.runtime.ivs.vanish(b);
  await world.clock.until(async () => (await world.item(callId))["status"]?.["S"] === "ended", 300_000);
  console.log(world.clock.now() - t, (await world.item(callId))["endReason"]);
  console.log(await world.ended(callId), await world.states(callId));
  console.log(
    world.happened
      .filter((h) => h.kind === "log" && /screen|verif|doubt|drop/.test(h.line))
      .map((h) => (h as any).line),
  );
  console.log(world.happened.filter((h) => h.kind === "aws-call" && h.error));
  console.log(world.happened.filter((h) => h.kind === "invocation" && /verify|screen/.test(h.functionName)));
});
