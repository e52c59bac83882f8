/** The push provider is down, throttles, or hangs: once, for the whole ring, or only as the call ends. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import type { Interference } from "../../packages/local-aws/src/faults.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { disguised, refused, silent } from "./faults.ts";
import { answers, begins, ends, legIn, openCast } from "./cast.ts";
import { openScene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const DOWN = new AwsError("InternalServerErrorException", "Internal server error", 500);
const BUSY = new AwsError("TooManyRequestsException", "Too many requests", 429);
const sendMessages = (fault: Interference["fault"], more: Partial<Interference> = {}): Interference => ({
  service: "mobiletargeting",
  operation: "SendMessages",
  fault,
  ...more,
});

const TROUBLE = [
  ["down", refused(DOWN)],
  ["throttling", refused(BUSY)],
  ["hanging", silent],
  ["failing after it sent", disguised(DOWN)],
] as const;

test.each(TROUBLE)(
  "a provider that is %s once: the phone rings, and the call is completed",
  async (_how, fault) => {
    const scene = await openScene(world);
    scene.interfere(sendMessages(fault));
    const callId = await scene.begins();
    await world.clock.advance(10_000);
    expect(scene.bob.pushes()).toContain("incoming_call");
    await scene.answers(callId);
    await world.clock.advance(5_000);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  },
);

test.each(TROUBLE.slice(0, 3))(
  "a provider that is %s throughout: the call has failed",
  async (_how, fault) => {
    const scene = await openScene(world);
    scene.interfere(sendMessages(fault, { times: 100 }));
    const callId = await scene.begins();
    await expectAftermath(scene, { callId, endReason: "failed" });
  },
);

test.each(TROUBLE.slice(0, 3))(
  "a provider that is %s as the call ends: the caller's cancel stands",
  async (_how, fault) => {
    const scene = await openScene(world);
    scene.interfere(sendMessages(fault, { nth: 2, times: 100 }));
    const callId = await scene.begins();
    await world.clock.advance(5_000);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "cancelled" });
  },
);

test.each(["TEMPORARY_FAILURE", "THROTTLED", "UNKNOWN_FAILURE"] as const)(
  "a phone whose pushes end in %s does not ring, and the call is missed",
  async (outcome) => {
    const scene = await openScene(world);
    world.runtime.pinpoint.setOutcome(scene.bob.deviceToken, outcome);
    const callId = await scene.begins();
    await world.clock.advance(55_000);
    world.runtime.pinpoint.setOutcome(scene.bob.deviceToken, "SUCCESSFUL");
    await expectAftermath(scene, { callId, endReason: "missed" });
  },
);

test("a cancel that the workflow learns of only after the ring, and pushes slowly, has one CallEnded", async () => {
  const scene = await openScene(world);
  // The workflow learns of the cancel only when the ring time is over, and then its push is slow.
  scene.interfere({
    service: "states",
    operation: "SendTaskFailure",
    from: "ringmaster-drive-call",
    times: 1,
    fault: async () => ({}),
  });
  const callId = await scene.begins();
  await world.clock.advance(45_000 - 100);
  await scene.aliceEnds(callId);
  const hangs = sendMessages(
    async (run) => {
      await new Promise<void>((resolve) => void world.clock.after(2_900, resolve));
      return run();
    },
    { times: 6 },
  );
  scene.interfere(hangs);
  await expectAftermath(scene, { callId, endReason: "cancelled", withinMs: 5 * 60_000 });
});

test("a page in a browser rings without a provider, beside a phone that the provider fails", async () => {
  const cast = await openCast(world);
  const alice = await cast.phone("alice");
  const phone = await cast.phone("bob", "phone");
  const page = await cast.phone("bob", "page", { clientId: phone.clientId, notifyType: "WEB" });
  const asked: unknown[] = [];
  const fault: Interference["fault"] = async (_run, _crash, { input }) => {
    asked.push(input);
    throw DOWN;
  };
  cast.interfere(sendMessages(fault, { times: 100 }));
  const callId = await begins(alice, page);
  await world.clock.advance(10_000);
  const { devices } = await legIn(callId, page, page);
  expect(devices).toMatchObject([
    { deviceId: "phone", pushes: { incoming_call: { outcome: "failed", channel: "GCM" } } },
    { deviceId: "page", pushes: { incoming_call: { outcome: "accepted", channel: "WEB" } } },
  ]);
  await answers(page, callId);
  await ends(alice, callId);
  expect(JSON.stringify(asked)).not.toContain(page.deviceToken);
  await expectAftermath(cast, { callId, endReason: "completed" });
});
