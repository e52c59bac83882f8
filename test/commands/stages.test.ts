/** `npm run stages`, against the AWS port of a runtime. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ivsStages } from "../../handlers/media/ivs/ivs-stages.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { pointSdkAt } from "../../packages/local-aws/test/served-aws.ts";
import { listAll, readOptions, refuseStanding, statusOf } from "../../tools/stages.ts";
import { startWorld, type World } from "../world.ts";

let world: World;
let servers: Servers;
let endpoint: string;
beforeAll(async () => {
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  endpoint = `http://127.0.0.1:${servers.awsPort}`;
  pointSdkAt("AWS_ENDPOINT_URL", endpoint);
});
afterAll(async () => {
  await servers.close();
  await world[Symbol.asyncDispose]();
});

const of = (STACK_NAME: string) =>
  listAll(ivsStages({ AWS_REGION: "us-east-1", STACK_NAME }), (milliseconds) =>
    world.clock.advance(milliseconds),
  );

test("the list contains the stages of this stack, and none of another", async () => {
  expect(await of("Ringmaster")).toHaveLength(12);
  expect(await of("Staging")).toEqual([]);
});

test("the stages of an existing stack are not deleted, because its keeper would create them again", async () => {
  const status = await statusOf({ endpoint }, "Ringmaster");
  expect(status).toBe("CREATE_COMPLETE");
  for (const stands of ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
    expect(() => refuseStanding("Ringmaster", stands)).toThrow(`stack Ringmaster exists (${stands})`);
});

test("the stages of a deleted stack, or of one that left some behind, are deleted", async () => {
  const gone = await statusOf({ endpoint }, "Staging");
  expect(gone).toBeUndefined();
  expect(() => refuseStanding("Staging", gone)).not.toThrow();
  for (const status of ["DELETE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE"])
    expect(() => refuseStanding("Staging", status)).not.toThrow();
});

test("the options are those of the other commands", () => {
  const args = ["delete", "--stack", "Staging", "--profile", "prod", "--region", "eu-west-1"];
  expect(readOptions(args)).toEqual({
    deletes: true,
    stack: "Staging",
    profile: "prod",
    region: "eu-west-1",
    endpoint: undefined,
  });
  expect(readOptions([])).toMatchObject({ deletes: false, stack: "Ringmaster" });
});

test.each([
  [["delte"], 'expected "delete" or nothing, got "delte"'],
  [["delete", "twice"], 'expected "delete" or nothing, got "twice"'],
  [["--stack="], "--stack: expected the name of a stack, got nothing"],
  [["--endpoint-url", "localhost:4566"], "--endpoint-url: expected a URL such as http://127.0.0.1:4566"],
])("wrong options are refused: %j", (args, words) => {
  expect(() => readOptions(args)).toThrow(words);
});
