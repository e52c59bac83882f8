/** Failures of the bus and the tables: PutEvents that fails or seems to fail, transactions that conflict, AWS calls that hang. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import type { Fault, Interference } from "../../packages/local-aws/src/faults.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { BROKEN, disguised, refused, silent, silentAfter, THROTTLED } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MINUTE_MS = 60_000;
const REST = "ringmaster-rest-entrypoint";
const putEvents = (fault: Fault, more: Partial<Interference> = {}): Interference => ({
  service: "events",
  operation: "PutEvents",
  fault,
  ...more,
});
/** A bus that accepts the request and refuses every entry, as PutEvents reports inside a 200. */
const refusesEntries: Fault = async (_run, _crash, { input }) => {
  const { length } = input["Entries"] as unknown[];
  const Entries = Array.from({ length }, () => ({ ErrorCode: "InternalFailure", ErrorMessage: "try again" }));
  return { FailedEntryCount: length, Entries };
};

/** Sends while time passes, because the function pauses between its attempts. */
async function meanwhile<T>(sending: Promise<T>): Promise<T> {
  const [reply] = await Promise.all([sending, world.clock.advance(20_000)]);
  return reply;
}

async function answeredAndPutDown(scene: Scene, callId: string): Promise<void> {
  expect(await meanwhile(scene.answers(callId))).toMatchObject({ status: 200 });
  await world.clock.advance(1_000);
  expect((await meanwhile(scene.bobEnds(callId))).status).toBe(200);
}

const FAILURES = [
  ["throttled", refused(THROTTLED)],
  ["broken", refused(BROKEN)],
  ["refusing every entry", refusesEntries],
  ["failing after it took the events", disguised(BROKEN)],
] as const;

describe("PutEvents at admission", () => {
  test.each(FAILURES)("%s once: the call rings as usual", async (_how, fault) => {
    const scene = await openScene(world);
    scene.interfere(putEvents(fault, { from: REST }));
    const reply = await meanwhile(scene.call());
    expect(reply).toMatchObject({ status: 200 });
    expect(scene.bob.pushes()).toEqual(["incoming_call"]);
    const callId = String(reply.body["callId"]);
    await answeredAndPutDown(scene, callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each(FAILURES.slice(0, 3))(
    "%s throughout: the caller is told, and the call has failed",
    async (_how, fault) => {
      const scene = await openScene(world);
      scene.interfere(putEvents(fault, { from: REST, times: 6 }));
      const reply = await meanwhile(scene.call());
      expect(reply).toMatchObject({ status: 503, body: { code: "try_again" } });
      const callId = String(reply.body["callId"]);
      expect(scene.bob.pushes()).toEqual([]);
      await expectAftermath(scene, { callId, endReason: "failed", withinMs: 4 * MINUTE_MS });
    },
  );

  test("failing after it took the events, throughout: the caller's reply is true", async () => {
    const scene = await openScene(world);
    scene.interfere(putEvents(disguised(BROKEN), { from: REST, times: 6 }));
    const reply = await meanwhile(scene.call());
    const callId = String(reply.body["callId"]);
    const item = await world.item(callId);
    expect(item["status"]?.["S"]).toBe(reply.status === 200 ? "calling" : "ended");
    await scene.aliceEnds(callId);
    const endReason = reply.status === 200 ? "cancelled" : "failed";
    await expectAftermath(scene, { callId, endReason, withinMs: 4 * MINUTE_MS });
  });
});

describe("PutEvents in every function", () => {
  test.each(FAILURES)("%s once in each function: the call is completed", async (_how, fault) => {
    const scene = await openScene(world);
    for (const name of ["rest-entrypoint", "send-push", "issue-token"])
      scene.interfere(putEvents(fault, { from: `ringmaster-${name}` }));
    const reply = await meanwhile(scene.call());
    const callId = String(reply.body["callId"]);
    await answeredAndPutDown(scene, callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test.each([2, 20])(
    "away for %i minutes after the call began: every phone learns how it ended once the bus is back",
    async (minutes) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(3_000);
      const untilMs = world.clock.now() + minutes * MINUTE_MS;
      const where = () => world.clock.now() < untilMs;
      scene.interfere(putEvents(refused(BROKEN), { where, times: 10_000 }));
      await meanwhile(scene.answers(callId));
      await world.clock.advance(10_000);
      await meanwhile(scene.bobEnds(callId));
      await expectAftermath(scene, { callId, endReason: "completed", withinMs: (minutes + 13) * MINUTE_MS });
    },
  );

  test.each(FAILURES)(
    "%s for the last event of the workflow: CallEnded is published nevertheless",
    async (_how, fault) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(3_000);
      const isLast: Interference["where"] = ({ input }) => JSON.stringify(input).includes('"CallEnded"');
      scene.interfere(putEvents(fault, { where: isLast, times: 4 }));
      await scene.declines(callId);
      await expectAftermath(scene, { callId, endReason: "declined", withinMs: 5 * MINUTE_MS });
    },
  );
});

const conflict = (...codes: string[]): Fault =>
  refused(
    new AwsError("TransactionCanceledException", `Transaction cancelled [${codes.join(", ")}]`, 400, {
      CancellationReasons: codes.map((Code) => ({ Code })),
    }),
  );

describe("an admission whose transaction conflicts", () => {
  test.each([
    ["at the caller", ["None", "TransactionConflict", "None", "None"]],
    ["at the callee", ["None", "None", "TransactionConflict", "None"]],
    ["at the stage", ["None", "None", "None", "TransactionConflict"]],
    ["everywhere", ["None", "TransactionConflict", "TransactionConflict", "TransactionConflict"]],
  ])("%s once is tried again, and does not mean busy", async (_where, codes) => {
    const scene = await openScene(world);
    const fault = conflict(...codes);
    scene.interfere({ service: "dynamodb", operation: "TransactWriteItems", from: REST, fault });
    const reply = await meanwhile(scene.call());
    expect(reply).toMatchObject({ status: 200, body: { status: "calling" } });
    const callId = String(reply.body["callId"]);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "cancelled" });
  });

  test("each time is given up, and leaves nothing", async () => {
    const scene = await openScene(world);
    const fault = conflict("None", "TransactionConflict", "None", "None");
    scene.interfere({ service: "dynamodb", operation: "TransactWriteItems", from: REST, times: 100, fault });
    expect(await meanwhile(scene.call())).toMatchObject({ status: 503, body: { code: "try_again" } });
    scene.calm();
    const callId = await scene.begins();
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "cancelled" });
  });

  test.each([
    ["broken", disguised(BROKEN)],
    ["hanging", silentAfter],
  ])("has taken effect and seems %s: the caller gets the call, once", async (_how, fault) => {
    const scene = await openScene(world);
    scene.interfere({ service: "dynamodb", operation: "TransactWriteItems", from: REST, fault });
    const first = await meanwhile(scene.call());
    const reply = first.status === 200 ? first : await scene.call();
    expect(reply).toMatchObject({ status: 200, body: { status: "calling" } });
    const callId = String(reply.body["callId"]);
    await scene.aliceEnds(callId);
    await expectAftermath(scene, { callId, endReason: "cancelled" });
  });
});

describe("an AWS call that is not answered", () => {
  test.each([
    ["GetItem", "dynamodb", "rest-entrypoint"],
    ["TransactWriteItems", "dynamodb", "rest-entrypoint"],
    ["PutEvents", "events", "rest-entrypoint"],
    ["StartExecution", "states", "drive-call"],
    ["SendMessages", "mobiletargeting", "send-push"],
    ["UpdateItem", "dynamodb", "issue-token"],
  ])("is given up after 3 seconds and sent again: %s", async (operation, service, name) => {
    const scene = await openScene(world);
    const sinceMs = world.clock.now();
    scene.interfere({ service, operation, from: `ringmaster-${name}`, fault: silent });
    const calling = scene.call();
    await world.clock.until(() => scene.bob.pushes().length > 0, 10_000);
    expect(world.clock.now() - sinceMs).toBeLessThan(4_500);
    const callId = String((await calling).body["callId"]);
    await scene.answers(callId);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });
});
