/** `npm run stages`, against the AWS port of a runtime. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ivsStages } from "../../handlers/media/ivs/ivs-stages.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { pointSdkAt } from "../../packages/local-aws/test/served-aws.ts";
import { listAll, refuseStanding, statusOf } from "../../tools/stages.ts";
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

test("the stages of a stack are listed, and none of another", async () => {
  expect(await of("Ringmaster")).toHaveLength(12);
  expect(await of("Staging")).toEqual([]);
});

test("those of a stack that stands are not deleted: its keeper would make them again", async () => {
  const status = await statusOf({ endpoint }, "Ringmaster");
  expect(status).toBe("CREATE_COMPLETE");
  expect(() => refuseStanding("Ringmaster", status)).toThrow("stack Ringmaster stands (CREATE_COMPLETE)");
});

test("those of a stack that is gone, or that left some behind, may be", async () => {
  const gone = await statusOf({ endpoint }, "Staging");
  expect(gone).toBeUndefined();
  expect(() => refuseStanding("Staging", gone)).not.toThrow();
  expect(() => refuseStanding("Staging", "DELETE_FAILED")).not.toThrow();
});
