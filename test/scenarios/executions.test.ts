/** Executions that are stopped by hand in each state or that fail inside, and calls that only the sweep repairs. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Interference } from "../../packages/local-aws/src/faults.ts";
import { startWorld, type World } from "../world.ts";
import { executionsOf, expectAftermath, type Outcome } from "./after.ts";
import { deferred, refused } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MINUTE_MS = 60_000;
const ACCEPTED = { StatusCode: 202, Payload: null };

/** Leads a call to the point where its execution enters a state. The rest of the story goes on if it can. */
const STORIES: Record<
  string,
  readonly [state: string, play: (scene: Scene) => Promise<string>, endReason: Outcome["endReason"]][]
> = {
  unanswered: ["Push sent", "Token issued", "Ringing", "Missed", "Is it over?", "Clean up", "Call ended"].map(
    (state, place) => [
      state,
      (scene) => scene.begins(),
      // If the execution stops as the ring time is over, the function that writes the miss and the rule race.
      place === 3 ? { "send-push": "missed", "close-stage": "failed" } : place < 3 ? "failed" : "missed",
    ],
  ),
  "answered and hung up": ["Answered", "In call", "Leg ended", "Clean up", "Call ended"].map((state) => [
    state,
    async (scene) => {
      const callId = await scene.begins();
      await world.clock.advance(2_000);
      await scene.answers(callId);
      await world.clock.advance(5_000);
      await scene.bobEnds(callId);
      return callId;
    },
    // The rule ends a call whose execution has died before a client hangs up.
    ["Answered", "In call"].includes(state) ? "failed" : "completed",
  ]),
  declined: [["Declined", thenBob((scene, callId) => scene.declines(callId)), "declined"]],
  cancelled: [["Cancelled", thenBob((scene, callId) => scene.aliceEnds(callId)), "cancelled"]],
};
const CASES = Object.entries(STORIES).flatMap(([story, states]) =>
  states.map(([state, play, endReason]) => ({ story, state, play, endReason })),
);

function thenBob(act: (scene: Scene, callId: string) => Promise<unknown>) {
  return async (scene: Scene) => {
    const callId = await scene.begins();
    await world.clock.advance(2_000);
    await act(scene, callId);
    return callId;
  };
}

const executionArn = (callId: string): string =>
  `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
const stop = (callId: string) => world.aws("states", "StopExecution", { executionArn: executionArn(callId) });

/** Stops the first execution that enters a state, as soon as it does. */
function stopAt(state: string): () => boolean {
  let stopped = false;
  const remove = world.runtime.localAws.observe((event) => {
    if (stopped || event.kind !== "state-entered" || event.state !== state) return;
    stopped = true;
    const { execution } = event;
    // At once, because otherwise virtual time would let the state's task end first.
    queueMicrotask(() => void stop(execution.split(":").at(-1) ?? execution));
  });
  return () => {
    remove();
    return stopped;
  };
}

describe("an execution that is stopped by hand", () => {
  test.each(CASES)(
    "in $state ($story): the rule ends and closes the call",
    async ({ state, play, endReason }) => {
      const scene = await openScene(world);
      const wasStopped = stopAt(state);
      const callId = await play(scene);
      await world.clock.advance(MINUTE_MS);
      expect(wasStopped()).toBe(true);
      await expectAftermath(scene, { callId, endReason, withinMs: 4 * MINUTE_MS });
    },
  );

  test.each([
    ["run three times", [0, 0, 5_000], "failed"],
    // The sweep comes first, and ends the call at its deadline.
    ["run an hour late", [60 * MINUTE_MS], "missed"],
  ] as const)("and whose rule is %s", async (_how, afterMs, endReason) => {
    const scene = await openScene(world);
    scene.interfere(statusChange(...afterMs));
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await stop(callId);
    await expectAftermath(scene, { callId, endReason, withinMs: 64 * MINUTE_MS });
  });
});

/** The event of an execution's end arrives at these times, or never. */
const statusChange = (...afterMs: number[]): Interference => ({
  service: "lambda",
  operation: "Invoke",
  where: ({ input }) =>
    (input["Payload"] as Shape | undefined)?.["detail-type"] === "Step Functions Execution Status Change",
  fault: deferred(world.clock, ACCEPTED, ...afterMs),
});

describe("an execution that fails inside", () => {
  const denied = new AwsError(
    "AccessDeniedException",
    "User is not authorized to perform this operation",
    403,
  );
  const invoking = (name: string): Interference => ({
    service: "lambda",
    operation: "Invoke",
    where: ({ input, caller }) => caller.kind === "role" && String(input["FunctionName"]).includes(name),
    fault: refused(denied),
  });
  test.each([
    ["send-push", "failed"],
    ["issue-token", "missed"],
    ["follow-call", "failed"],
    ["close-stage", "missed"],
  ])("because it may not invoke %s: the call is over and closed", async (name, endReason) => {
    const scene = await openScene(world);
    scene.interfere({ ...invoking(name), times: 100 });
    const callId = await scene.begins();
    // Its first wait comes too late then, so that it has to follow the call.
    if (name === "follow-call") await scene.answers(callId);
    await expectAftermath(scene, { callId, endReason, withinMs: 5 * MINUTE_MS });
  });

  test("because it may not write its wait: the call is over and closed", async () => {
    const scene = await openScene(world);
    const where: Interference["where"] = ({ input }) =>
      String(input["UpdateExpression"]).includes("taskToken = ");
    scene.interfere({
      service: "dynamodb",
      operation: "UpdateItem",
      where,
      times: 100,
      fault: refused(denied),
    });
    const callId = await scene.begins();
    await expectAftermath(scene, { callId, endReason: "failed", withinMs: 5 * MINUTE_MS });
  });
});

describe("the sweep", () => {
  const neverStarted = (): Interference => ({
    service: "lambda",
    operation: "Invoke",
    where: ({ input }) => (input["Payload"] as Shape | undefined)?.["detail-type"] === "CallInitiated",
    fault: deferred(world.clock, ACCEPTED),
  });

  test("starts a call without an execution, under the call's own name", async () => {
    const scene = await openScene(world);
    scene.interfere(neverStarted());
    const callId = await scene.begins();
    await expectAftermath(scene, { callId, endReason: "missed" });
    expect((await executionsOf(world, callId)).map(({ name }) => name)).toEqual([callId]);
  });

  test("ends a call past its deadline whose execution is dead", async () => {
    const scene = await openScene(world);
    scene.interfere(statusChange());
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await stop(callId);
    await expectAftermath(scene, { callId, endReason: "missed", withinMs: 5 * MINUTE_MS });
  });

  test("closes an ended call whose execution is dead", async () => {
    const scene = await openScene(world);
    scene.interfere(statusChange());
    const callId = await scene.begins();
    await world.clock.advance(3_000);
    await stop(callId);
    await scene.declines(callId);
    await expectAftermath(scene, { callId, endReason: "declined", withinMs: 4 * MINUTE_MS });
  });

  test("closes an answered call whose execution is dead, once it has ended", async () => {
    const scene = await openScene(world);
    scene.interfere(statusChange());
    const { callId } = await scene.talks();
    await world.clock.advance(2_000);
    await stop(callId);
    await world.clock.advance(20 * MINUTE_MS);
    expect(await scene.bobEnds(callId)).toMatchObject({ body: { ended: true, endReason: "completed" } });
    await expectAftermath(scene, { callId, endReason: "completed", withinMs: 4 * MINUTE_MS });
  });

  test("starts another execution as -repair-1 if the first died before its first wait", async () => {
    const scene = await openScene(world);
    scene.interfere(statusChange());
    const wasStopped = stopAt("Push sent");
    const callId = await scene.begins();
    await world.clock.advance(100);
    expect(wasStopped()).toBe(true);
    await expectAftermath(scene, { callId, endReason: "missed", withinMs: 5 * MINUTE_MS });
    const names = (await executionsOf(world, callId)).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set([callId, `${callId}-repair-1`]));
  });
});
