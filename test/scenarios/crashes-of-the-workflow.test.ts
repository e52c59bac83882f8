/** The functions behind the API die after each of their writes and before each publish, in otherwise ordinary calls. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { crashAfter, crashBefore } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MINUTE_MS = 60_000;
const STORIES = {
  /** No callee answers. */
  missed: async (scene: Scene) => scene.begins(),
  async declined(scene: Scene) {
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await scene.declines(callId);
    return callId;
  },
  async cancelled(scene: Scene) {
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await scene.aliceEnds(callId);
    return callId;
  },
  async completed(scene: Scene) {
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await scene.answers(callId);
    await world.clock.advance(5_000);
    await scene.bobEnds(callId);
    return callId;
  },
  /** The callee's only device is gone for good. */
  async unreachable(scene: Scene) {
    world.runtime.pinpoint.setOutcome(scene.bob.deviceToken, "PERMANENT_FAILURE");
    return scene.begins();
  },
} as const;

const SERVICES: Record<string, string> = {
  StartExecution: "states",
  SendTaskSuccess: "states",
  SendTaskFailure: "states",
  SendMessages: "mobiletargeting",
  PutEvents: "events",
};

/** Function, operation, and which call of that operation: the first by default. */
type Step = readonly [name: string, operation: string, nth?: number];
const crashes = <Name extends string>(story: Name, ...steps: Step[]) =>
  steps.flatMap(([name, operation, nth = 1]) =>
    (["before", "after"] as const).map((when) => ({ story, name, operation, nth, when })),
  );

const CRASHES = [
  ...crashes(
    "missed",
    ["drive-call", "StartExecution"],
    ["issue-token", "UpdateItem"],
    ["issue-token", "PutEvents"],
    // With the second update it writes that the call is missed, and publishes that.
    ["send-push", "UpdateItem", 2],
    ["send-push", "PutEvents", 2],
    ["send-push", "SendMessages", 2],
    ["send-push", "UpdateItem", 3],
    ["send-push", "PutEvents", 3],
    ["close-stage", "UpdateItem"],
    ["close-stage", "UpdateItem", 2],
    ["close-stage", "UpdateItem", 3],
    ["close-stage", "UpdateItem", 4],
    ["close-stage", "PutEvents"],
  ),
  ...crashes("declined", ["drive-call", "SendTaskFailure"]),
  ...crashes(
    "cancelled",
    ["drive-call", "SendTaskFailure"],
    ["send-push", "SendMessages", 2],
    ["close-stage", "UpdateItem", 4],
  ),
  ...crashes(
    "completed",
    ["drive-call", "SendTaskSuccess"],
    ["drive-call", "SendTaskSuccess", 2],
    ["issue-token", "UpdateItem"],
    ["close-stage", "UpdateItem", 2],
    ["close-stage", "PutEvents"],
  ),
  ...crashes("unreachable", ["close-stage", "UpdateItem", 3]),
];

const interfere = (scene: Scene, { name, operation, nth, when }: Omit<(typeof CRASHES)[number], "story">) =>
  scene.interfere({
    service: SERVICES[operation] ?? "dynamodb",
    operation,
    from: `ringmaster-${name}`,
    nth,
    fault: when === "before" ? crashBefore : crashAfter,
  });

describe("a function of the workflow that dies does not change how the call ends", () => {
  test.each(CRASHES)("$story: $name dies $when its $operation no. $nth", async ({ story, ...crash }) => {
    const scene = await openScene(world);
    interfere(scene, crash);
    const callId = await STORIES[story](scene);
    await expectAftermath(scene, { callId, endReason: story, withinMs: 5 * MINUTE_MS });
  });
});

/** A push that may have reached phones is not repeated: the call fails instead, and is closed. */
describe("the call fails if send-push dies before the phone rings, unless the call has ended by then", () => {
  const steps = [
    ...crashes(
      "missed",
      ["send-push", "SendMessages"],
      ["send-push", "UpdateItem"],
      ["send-push", "PutEvents"],
    ),
    ...crashes("unreachable", ["send-push", "TransactWriteItems"], ["send-push", "UpdateItem"]),
  ];
  test.each(steps)("$story: $when its $operation", async ({ story, ...crash }) => {
    const scene = await openScene(world);
    interfere(scene, crash);
    const callId = await STORIES[story](scene);
    const hasEnded = story === "unreachable" && crash.operation === "UpdateItem" && crash.when === "after";
    const endReason = hasEnded ? story : "failed";
    await expectAftermath(scene, { callId, endReason, withinMs: 3 * MINUTE_MS });
  });
});

describe("the clean-up by rule, after an execution that was stopped", () => {
  const steps = [1, 2, 3, 4, 5, 6]
    .map((nth) => ["close-stage", "UpdateItem", nth] as const)
    .flatMap((step) => crashes("missed", step));
  const publishes = [1, 2].flatMap((nth) => crashes("missed", ["close-stage", "PutEvents", nth]));
  test.each([...steps, ...publishes])(
    "is repeated when close-stage dies $when its $operation no. $nth",
    async ({ story, ...crash }) => {
      const scene = await openScene(world);
      interfere(scene, crash);
      const callId = await STORIES[story](scene);
      await world.clock.advance(5_000);
      const executionArn = `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
      await world.aws("states", "StopExecution", { executionArn });
      await expectAftermath(scene, { callId, endReason: "failed", withinMs: 8 * MINUTE_MS });
    },
  );
});

describe("the sweep", () => {
  const sweep = (...steps: Step[]) =>
    crashes("missed", ...steps.map(([operation, ...rest]) => [operation, ...rest] as Step));

  test.each(sweep(["sweep-calls", "StartExecution"]))(
    "that dies $when its $operation still starts a call without an execution",
    async ({ story, ...crash }) => {
      const scene = await openScene(world);
      loseEvent(scene, "CallInitiated");
      interfere(scene, crash);
      const callId = await STORIES[story](scene);
      await expectAftermath(scene, { callId, endReason: "missed", withinMs: 8 * MINUTE_MS });
    },
  );

  const closing = [1, 2, 3, 4].map((nth) => ["sweep-calls", "UpdateItem", nth] as const);
  test.each(sweep(...closing, ["sweep-calls", "PutEvents"]))(
    "that dies $when its $operation no. $nth still closes a call that ended without an execution",
    async (crash) => {
      const scene = await openScene(world);
      loseEvent(scene, "CallInitiated");
      interfere(scene, crash);
      const callId = await STORIES.cancelled(scene);
      await expectAftermath(scene, { callId, endReason: "cancelled", withinMs: 8 * MINUTE_MS });
    },
  );

  test.each(sweep(["sweep-calls", "UpdateItem"], ["sweep-calls", "PutEvents"]))(
    "that dies $when its $operation still ends a call past its deadline",
    async (crash) => {
      const scene = await openScene(world);
      const callId = await scene.begins();
      await world.clock.advance(5_000);
      await stopUnheard(scene, callId);
      interfere(scene, crash);
      await expectAftermath(scene, { callId, endReason: "missed", withinMs: 8 * MINUTE_MS });
    },
  );
});

describe("the sweep that repairs a busy call", () => {
  const started = crashes("busy", ["sweep-calls", "StartExecution"]);
  const closing = crashes("busy", ...[1, 2, 3, 4].map((nth) => ["sweep-calls", "UpdateItem", nth] as const), [
    "sweep-calls",
    "PutEvents",
  ]);

  test.each(started)(
    "and dies $when its $operation: the callee still sees one missed call",
    async (crash) => {
      const { scene, callId, busyId } = await busyUnheard();
      interfere(scene, crash);
      await world.clock.advance(5 * MINUTE_MS);
      expect(scene.bob.pushes()).toEqual(["incoming_call", "missed_call"]);
      await expectBusyOver(scene, callId, busyId);
    },
  );

  test.each(closing)(
    "and dies $when its $operation no. $nth: a busy call whose workflow is dead is closed, and the end is published",
    async (crash) => {
      const { scene, callId, busyId } = await busyUnheard();
      await spendNames(scene, busyId);
      interfere(scene, crash);
      await world.clock.advance(5 * MINUTE_MS);
      await expectBusyOver(scene, callId, busyId);
    },
  );
});

/** Olivia calls Bob, who talks to Alice, and CallInitiated of her call is lost. */
async function busyUnheard(): Promise<{ scene: Scene; callId: string; busyId: string }> {
  const scene = await openScene(world);
  const olivia = await world.phone("olivia", `olivia-device-token-${scene.since}`);
  const { callId } = await scene.talks();
  await world.clock.advance(1_000);
  loseEvent(scene, "CallInitiated");
  const { clientId: callerId } = olivia;
  const refused = await olivia.send({ action: "initiateCall", callerId, calleeId: scene.bob.clientId });
  expect(refused).toMatchObject({ status: 409, body: { code: "callee_busy" } });
  return { scene, callId, busyId: String(refused.body["callId"]) };
}

/** Uses up every execution name of this call, and loses the events of the failures. */
async function spendNames(scene: Scene, callId: string): Promise<void> {
  const stateMachineArn = world.runtime.outputs["CallWorkflowArn"];
  const names = [callId, ...[1, 2, 3].map((repair) => `${callId}-repair-${repair}`)];
  loseEvent(scene, "Step Functions Execution Status Change", names.length);
  for (const name of names) {
    await world.aws("states", "StartExecution", { stateMachineArn, name, input: "{}" });
  }
}

/** The busy call is published once and closed. The call that made Bob busy goes on and is completed. */
async function expectBusyOver(scene: Scene, callId: string, busyId: string): Promise<void> {
  const item = await world.item(busyId);
  expect(item).toMatchObject({ status: { S: "ended" }, endReason: { S: "busy" } });
  expect(item).toHaveProperty("cleanedUpAtMs");
  for (const name of ["openShard", "sweepAtMs"]) expect(item).not.toHaveProperty(name);
  const ends = world.events("CallEnded").filter((end) => end["callId"] === busyId);
  expect(new Set(ends.map(({ version, endReason }) => `${String(version)} ${String(endReason)}`)).size).toBe(
    1,
  );
  expect(await scene.bob.send({ action: "getCall", callId })).toMatchObject({ body: { status: "answered" } });
  await scene.bobEnds(callId);
  await expectAftermath(scene, { callId, endReason: "completed" });
}

function loseEvent(scene: Scene, detailType: string, times = 1): void {
  scene.interfere({
    times,
    service: "lambda",
    operation: "Invoke",
    where: ({ input }) =>
      (input["Payload"] as Record<string, unknown> | undefined)?.["detail-type"] === detailType,
    fault: async () => ({ StatusCode: 202, Payload: null }),
  });
}

/** Stops the execution, and loses the event of its end. */
async function stopUnheard(scene: Scene, callId: string): Promise<void> {
  loseEvent(scene, "Step Functions Execution Status Change");
  const executionArn = `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  await world.aws("states", "StopExecution", { executionArn });
  expect(await world.ended(callId)).toBe("ABORTED");
}
