/** `rest-entrypoint` dies after each of its writes and before each publish, and the phone repeats its request or does not. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { adds, answers, declines, ends } from "./cast.ts";
import { crashAfter, crashBefore } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const crash = (scene: Scene, point: Point): void =>
  scene.interfere({
    service: point.operation === "PutEvents" ? "events" : "dynamodb",
    operation: point.operation,
    from: "ringmaster-rest-entrypoint",
    fault: point.when === "before" ? crashBefore : crashAfter,
  });

interface Point {
  readonly when: "before" | "after";
  readonly operation: string;
}
const point = (when: Point["when"], operation: string): Point => ({ when, operation });
const CHANGE = [
  point("before", "UpdateItem"),
  point("after", "UpdateItem"),
  point("before", "PutEvents"),
  point("after", "PutEvents"),
];
const ADMISSION = [
  point("before", "TransactWriteItems"),
  point("after", "TransactWriteItems"),
  point("before", "PutEvents"),
  point("after", "PutEvents"),
];

/** Sends a request whose function dies. The phone gets the gateway's error. */
async function dies<Reply extends { status: number }>(sending: Promise<Reply>): Promise<void> {
  const [reply] = await Promise.all([sending, world.clock.advance(30_000)]);
  expect(reply.status).toBeGreaterThanOrEqual(500);
}

/** The only call of a client, as the table has it. */
async function callsOf(scene: Scene): Promise<string[]> {
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("CallsTable"),
  });
  type Item = Record<string, { S?: string } | undefined>;
  return (Items as Item[])
    .filter((item) => [scene.alice.clientId, scene.bob.clientId].includes(item["callerId"]?.S ?? ""))
    .flatMap((item) => item["pk"]?.S ?? []);
}

describe("a function that dies while it admits a call", () => {
  test.each(ADMISSION)("$when $operation: the repeated request rings, and is answered", async (where) => {
    const scene = await openScene(world);
    crash(scene, where);
    await dies(scene.call());
    const callId = await scene.begins();
    await world.clock.advance(1_000);
    expect(scene.bob.pushes()).toContain("incoming_call");
    expect(await scene.answers(callId)).toMatchObject({ status: 200 });
    await scene.aliceEnds(callId);
    expect(await callsOf(scene)).toEqual([callId]);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each(ADMISSION.slice(1))("$when $operation: without a repeat the call is missed", async (where) => {
    const scene = await openScene(world);
    crash(scene, where);
    await dies(scene.call());
    const [callId = "none"] = await callsOf(scene);
    await expectAftermath(scene, { callId, endReason: "missed", withinMs: 6 * 60_000 });
  });
});

describe("a function that dies while it changes a call", () => {
  const ended = { decline: "declined", cancel: "cancelled" } as const;
  const requests = {
    decline: (scene: Scene, callId: string) => scene.declines(callId),
    cancel: (scene: Scene, callId: string) => scene.aliceEnds(callId),
    answer: (scene: Scene, callId: string) => scene.answers(callId),
    ring: (scene: Scene, callId: string) => scene.bob.send({ action: "ackRinging", callId }),
    "call again": (scene: Scene) => scene.call(),
    "call back": (scene: Scene) =>
      scene.bob.send({
        action: "initiateCall",
        callerId: scene.bob.clientId,
        calleeId: scene.alice.clientId,
      }),
  };
  const ENDING = Object.keys(ended).flatMap((what) =>
    CHANGE.map((where) => ({ what: what as keyof typeof ended, ...where })),
  );

  test.each(ENDING)(
    "$what, $when $operation: the repeated request takes effect",
    async ({ what, ...where }) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(2_000);
      crash(scene, where);
      await dies(requests[what](scene, callId));
      expect((await requests[what](scene, callId)).status).toBe(200);
      await expectAftermath(scene, { callId, endReason: ended[what] });
    },
  );

  test.each(ENDING)(
    "$what, $when $operation: without a repeat the call ends as well",
    async ({ what, ...where }) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(2_000);
      crash(scene, where);
      await dies(requests[what](scene, callId));
      const endReason = where.when === "before" && where.operation === "UpdateItem" ? "missed" : ended[what];
      await expectAftermath(scene, { callId, endReason });
    },
  );

  // Calling again while the call rings gives the same token, which writes nothing.
  const LIVING = (["answer", "ring", "call again", "call back"] as const).flatMap((what) =>
    CHANGE.slice(what === "call again" ? 2 : 0).map((where) => ({ what, ...where })),
  );
  test.each(LIVING)(
    "$what, $when $operation: the repeated request takes effect",
    async ({ what, ...where }) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(2_000);
      crash(scene, where);
      await dies(requests[what](scene, callId));
      expect(await requests[what](scene, callId)).toMatchObject({ status: 200, body: { callId } });
      expect(await scene.answers(callId)).toMatchObject({ status: 200, body: { status: "answered" } });
      await world.clock.advance(1_000);
      await scene.bobEnds(callId);
      await expectAftermath(scene, { callId, endReason: "completed" });
    },
  );

  test("answer, before PutEvents: without a repeat both sides learn of the answer within two minutes, once", async () => {
    const scene = await openScene(world);
    const called = await scene.call();
    const callId = String(called.body["callId"]);
    await scene.alice.joins(called);
    await world.clock.advance(2_000);
    crash(scene, point("before", "PutEvents"));
    await dies(scene.answers(callId));
    // Bob's phone does not repeat the answer, and only asks for a token.
    await scene.bob.joins(await scene.bob.send({ action: "rejoinCall", callId }));
    await world.clock.advance(90_000);
    const told = world
      .events("LegUpdated")
      .filter((one) => one["callId"] === callId && one["status"] === "answered");
    expect(told.map(({ clientId }) => clientId)).toEqual([scene.alice.clientId, scene.bob.clientId]);
    expect(await world.states(callId)).toContain("In call");
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each(CHANGE)(
    "hang up, $when $operation: the call is over for both, at the latest once its stage is empty",
    async (where) => {
      const scene = await openScene(world);
      const { callId, alice, bob } = await scene.talks();
      await world.clock.advance(2_000);
      crash(scene, where);
      await dies(scene.aliceEnds(callId));
      for (const side of [alice, bob]) world.runtime.ivs.leave(side);
      const written = where.when === "after" || where.operation === "PutEvents";
      await expectAftermath(scene, {
        callId,
        endReason: written ? "completed" : "dropped",
        withinMs: 3 * 60_000,
      });
    },
  );
});

describe("a function that dies while it brings a client into a call that goes on", () => {
  const requests = {
    "adding Carol": ({ alice }: Scene, callId: string, carol: Phone) => adds(alice, callId, carol),
    "Carol's late answer": (_scene: Scene, callId: string, carol: Phone) => answers(carol, callId),
  };
  const cases = (Object.keys(requests) as (keyof typeof requests)[]).flatMap((what) =>
    ADMISSION.map((where) => ({ what, ...where })),
  );

  test.each(cases)(
    "$what, $when $operation: the repeated request takes effect, and Carol joins",
    async ({ what, ...where }) => {
      const scene = await openScene(world);
      const carol = await scene.phone("carol");
      const callId = await scene.begins();
      await world.clock.advance(1_000);
      await scene.answers(callId);
      if (what !== "adding Carol") await adds(scene.alice, callId, carol).then(() => declines(carol, callId));
      crash(scene, where);
      await dies(requests[what](scene, callId, carol));
      expect((await requests[what](scene, callId, carol)).status).toBe(200);
      expect(await answers(carol, callId)).toMatchObject({ status: 200, body: { status: "answered" } });
      await scene.bobEnds(callId);
      await world.clock.advance(1_000);
      await ends(carol, callId);
      await expectAftermath(scene, { callId, endReason: "completed" });
    },
  );
});

describe("a function that dies while it records that the callee is busy", () => {
  test.each(ADMISSION.slice(1))(
    "$when $operation: the callee still sees the missed call, and the running call goes on",
    async (where) => {
      const scene = await openScene(world);
      const olivia = await world.phone("olivia", `olivia-device-token-${scene.since}`);
      const { callId } = await scene.talks();
      crash(scene, where);
      await dies(
        olivia.send({ action: "initiateCall", callerId: olivia.clientId, calleeId: scene.bob.clientId }),
      );
      await world.clock.advance(3 * 60_000);
      expect(scene.bob.pushes()).toEqual(["incoming_call", "missed_call"]);
      expect(await scene.bob.send({ action: "getCall", callId })).toMatchObject({
        body: { status: "answered" },
      });
      await scene.bobEnds(callId);
      await expectAftermath(scene, { callId, endReason: "completed" });
    },
  );
});
