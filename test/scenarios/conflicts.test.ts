/** Single writes that meet a transaction: DynamoDB refuses them, and no AWS SDK retries them by itself. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import type { Interference } from "../../packages/local-aws/src/faults.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { refused } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MINUTE_MS = 60_000;
const CONFLICT = new AwsError("TransactionConflictException", "Transaction is ongoing for the item", 400);
type Table = "CallsTable" | "ClientsTable" | "StagesTable";

/** Updates of one table by one function. */
const updates = (table: Table, name: string, more: Partial<Interference> = {}): Interference => ({
  service: "dynamodb",
  operation: "UpdateItem",
  from: `ringmaster-${name}`,
  where: ({ input }) => input["TableName"] === world.runtime.physicalId(table),
  fault: refused(CONFLICT),
  ...more,
});

/** Sends while time passes, because the function pauses between its attempts. */
async function meanwhile<T>(sending: Promise<T>): Promise<T> {
  const [reply] = await Promise.all([sending, world.clock.advance(5_000)]);
  return reply;
}

const failures = (scene: Scene): string[] =>
  world.happened
    .slice(scene.since)
    .flatMap((one) => (one.kind === "invocation" && one.error ? `${one.functionName}: ${one.error}` : []));

const REQUESTS = {
  answer: [(scene: Scene, callId: string) => scene.answers(callId), "completed"],
  decline: [(scene: Scene, callId: string) => scene.declines(callId), "declined"],
  cancel: [(scene: Scene, callId: string) => scene.aliceEnds(callId), "cancelled"],
} as const;

describe("a change of a call that meets a transaction", () => {
  test.each(Object.keys(REQUESTS) as (keyof typeof REQUESTS)[])(
    "%s, twice: the phone notices nothing",
    async (what) => {
      const [request, endReason] = REQUESTS[what];
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(2_000);
      scene.interfere(updates("CallsTable", "rest-entrypoint", { times: 2 }));
      expect(await meanwhile(request(scene, callId))).toMatchObject({ status: 200 });
      await scene.aliceEnds(callId);
      await expectAftermath(scene, { callId, endReason });
      expect(failures(scene)).toEqual([]);
    },
  );

  test("a rejoin with a new token, twice: the phone notices nothing", async () => {
    const scene = await openScene(world);
    const { callId } = await scene.talks();
    await world.clock.advance(60_000);
    scene.interfere(updates("CallsTable", "rest-entrypoint", { times: 2 }));
    const rejoining = scene.bob.send({ action: "rejoinCall", callId });
    expect(await meanwhile(rejoining)).toMatchObject({ status: 200 });
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
    expect(failures(scene)).toEqual([]);
  });

  test("each time: the phone is told to try again, and its next attempt takes effect", async () => {
    const scene = await openScene(world);
    const callId = await scene.begins();
    await world.clock.advance(2_000);
    scene.interfere(updates("CallsTable", "rest-entrypoint", { times: 100 }));
    expect((await meanwhile(scene.declines(callId))).status).toBeGreaterThanOrEqual(500);
    scene.calm();
    expect(await scene.declines(callId)).toMatchObject({ status: 200 });
    await expectAftermath(scene, { callId, endReason: "declined" });
  });
});

const IN_THE_WORKFLOW: readonly (readonly [name: string, table: Table])[] = [
  ["send-push", "CallsTable"],
  ["issue-token", "CallsTable"],
  ["follow-call", "CallsTable"],
  ["close-stage", "ClientsTable"],
  ["close-stage", "StagesTable"],
  ["close-stage", "CallsTable"],
];

const waits = (times: number): Interference => ({
  service: "dynamodb",
  operation: "UpdateItem",
  where: ({ input }) => String(input["UpdateExpression"]).includes("taskToken = "),
  times,
  fault: refused(CONFLICT),
});
/** `follow-call` only writes in a call whose waits are broken. */
const endOf = (name: string): string => (name === "follow-call" ? "failed" : "missed");

describe("a function of the workflow that meets a transaction", () => {
  test.each(IN_THE_WORKFLOW)("twice: %s, in the %s: its run succeeds", async (name, table) => {
    const scene = await openScene(world);
    if (name === "follow-call") scene.interfere(waits(100));
    scene.interfere(updates(table, name, { times: 2 }));
    const callId = await scene.begins();
    await expectAftermath(scene, { callId, endReason: endOf(name) });
    expect(failures(scene)).toEqual([]);
  });

  test.each(IN_THE_WORKFLOW.slice(2))(
    "for a minute: %s, in the %s: the call is over and closed afterwards",
    async (name, table) => {
      const scene = await openScene(world);
      // It writes when the workflow cannot go on, which is at once. The others write when the ring time is over.
      const isAtOnce = name === "follow-call";
      const untilMs = world.clock.now() + MINUTE_MS + (isAtOnce ? 0 : 44_000);
      if (isAtOnce) scene.interfere(waits(100));
      const callId = isAtOnce ? undefined : await scene.begins();
      if (!isAtOnce) await world.clock.advance(44_000);
      const { where, ...plan } = updates(table, name, { times: 1_000 });
      scene.interfere({ ...plan, where: (call) => world.clock.now() < untilMs && where?.(call) === true });
      const withinMs = 5 * MINUTE_MS;
      await expectAftermath(scene, {
        callId: callId ?? (await scene.begins()),
        endReason: endOf(name),
        withinMs,
      });
    },
  );
});

describe("a wait of the workflow that meets a transaction", () => {
  test("three times: it waits nevertheless, and the answer wakes it", async () => {
    const scene = await openScene(world);
    scene.interfere(waits(3));
    const callId = await scene.begins();
    await world.clock.advance(30_000);
    expect(await scene.answers(callId)).toMatchObject({ status: 200 });
    await world.clock.advance(1_000);
    await scene.bobEnds(callId);
    await expectAftermath(scene, { callId, endReason: "completed" });
  });

  test("each time: the call fails, and is closed", async () => {
    const scene = await openScene(world);
    scene.interfere(waits(100));
    const callId = await scene.begins();
    await expectAftermath(scene, { callId, endReason: "failed", withinMs: 3 * MINUTE_MS });
  });
});

describe("the sweep that meets a transaction", () => {
  test.each(["CallsTable", "ClientsTable", "StagesTable"] as const)(
    "in the %s twice: the first run closes a call that ended without a workflow",
    async (table) => {
      const scene = await openScene(world);
      scene.interfere({
        service: "lambda",
        operation: "Invoke",
        where: ({ input }) =>
          (input["Payload"] as Record<string, unknown> | undefined)?.["detail-type"] === "CallInitiated",
        fault: async () => ({ StatusCode: 202, Payload: null }),
      });
      const callId = await scene.begins();
      await world.clock.advance(3_000);
      await scene.aliceEnds(callId);
      scene.interfere(updates(table, "sweep-calls", { times: 2 }));
      await expectAftermath(scene, { callId, endReason: "cancelled", withinMs: 125_000 });
    },
  );
});
