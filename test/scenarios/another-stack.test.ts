/** A stack with a name of its own and with the settings that an account's rules may require behaves the same. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { synthesize } from "../../local/synthesize.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { openScene } from "./scene.ts";

const SETTINGS = {
  minStages: "12",
  stackName: "Staging-2",
  retain: "false",
  operations: "lean",
  sesFrom: "calls@example.com",
  permissionsBoundary: "boundary",
  kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/0b1c2d3e-1111-4222-8333-444455556666",
  logRetentionDays: "7",
};

let world: World;
beforeAll(async () => {
  const { directory } = await synthesize({ context: SETTINGS });
  world = await startWorld({ assembly: directory });
});
afterAll(async () => world[Symbol.asyncDispose]());

test("a call is completed by executions and functions with the stack's name", async () => {
  const scene = await openScene(world);
  const { callId } = await scene.talks();
  await scene.aliceEnds(callId);
  await expectAftermath(scene, { callId, endReason: "completed" });
  expect(world.runtime.outputs["CallWorkflowArn"]).toMatch(/:stateMachine:Staging-2-call$/);
  const ran = new Set(world.happened.flatMap((one) => (one.kind === "log" ? [one.functionName] : [])));
  expect([...ran].filter((name) => !name.startsWith("Staging-2-ringmaster-"))).toEqual([]);
});
