/** The account's quota of state transitions: executions above it wait. */
import { afterEach, expect, test } from "vitest";
import { AwsError } from "../src/local-aws.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
afterEach(() => world.clock.dispose());

const pass = { Type: "Pass" };
/** Four transitions. */
const FOUR = machineOf({
  One: { ...pass, Next: "Two" },
  Two: { ...pass, Next: "Three" },
  Three: { ...pass, Next: "Four" },
  Four: { ...pass, End: true },
});

/** When the last of so many executions that start at once has ended, and how each of them did. */
async function runAtOnce(executions: number, type = "STANDARD") {
  const startMs = world.clock.now();
  const definition = JSON.stringify(FOUR);
  const machine = { name: "four", roleArn: "arn:aws:iam::000000000000:role/workflow", definition, type };
  const { stateMachineArn } = await world.states("CreateStateMachine", machine);
  for (let index = 0; index < executions; index += 1)
    await world.states("StartExecution", { stateMachineArn, name: `execution-${index}`, input: "{}" });
  const ended = () => world.runtimeEvents.flatMap((one) => (one.kind === "execution-ended" ? [one] : []));
  await world.clock.until(() => ended().length === executions);
  return { ms: world.clock.now() - startMs, statuses: new Set(ended().map(({ status }) => status)) };
}

test("in a small Region 800 transitions are made at once and 800 more a second; none fails", async () => {
  world = openWorld({ region: "eu-central-1" });
  const { ms, statuses } = await runAtOnce(300);
  expect(statuses).toEqual(new Set(["SUCCEEDED"]));
  expect(ms).toBe(((300 * 4 - 800) / 800) * 1_000);
});

test("in a large Region 5,000 are made at once", async () => {
  world = openWorld({ region: "us-east-1" });
  expect(await runAtOnce(300)).toMatchObject({ ms: 0 });
});

test("Express executions have no such quota, and without quotas nobody waits", async () => {
  world = openWorld({ region: "eu-central-1" });
  expect(await runAtOnce(300, "EXPRESS")).toMatchObject({ ms: 0 });
  world.clock.dispose();
  world = openWorld({ region: "eu-central-1", quotas: false });
  expect(await runAtOnce(300)).toMatchObject({ ms: 0 });
});

test("a retry waits for a transition too", async () => {
  world = openWorld({ region: "eu-central-1" });
  world.fake("dynamodb", "GetItem", () => {
    throw new AwsError("InternalServerError", "down", 500);
  });
  const [IntervalSeconds, waiting] = [1, 2_400];
  const execution = await world.start(
    machineOf({
      Read: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:dynamodb:getItem",
        Arguments: { TableName: "t", Key: {} },
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds, MaxAttempts: 1 }],
        End: true,
      },
    }),
  );
  await world.clock.advance(500);
  // Others have taken what there was, and the next two seconds of it.
  for (let index = 0; index < waiting; index += 1)
    world.localAws.reserve("states:StateTransition", { perSecond: 800, burst: 800 });
  const { startDate, stopDate } = await world.end(execution);
  expect(Number(stopDate) - Number(startDate)).toBeCloseTo(0.5 + (waiting - 800 + 1) / 800, 1);
});
