/** The stack's own functions when CloudFormation deletes it, with the permissions of the stack. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { synthesize } from "../../local/synthesize.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import { startWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  const { directory } = await synthesize({ context: { minStages: "12", retain: "false" } });
  world = await startWorld({ assembly: directory });
});
afterAll(async () => world[Symbol.asyncDispose]());

/** The request that CloudFormation sends. */
async function asked(name: string, RequestId: string, ResourceProperties: Shape): Promise<void> {
  const host = "cloudformation-custom-resource-response-useast1.s3.amazonaws.com";
  const Payload = {
    RequestType: "Delete",
    ResponseURL: `https://${host}/${RequestId}?X-Amz-Signature=local`,
    StackId: "arn:aws:cloudformation:us-east-1:000000000000:stack/Ringmaster/0",
    RequestId,
    LogicalResourceId: "Deleted",
    PhysicalResourceId: "deleted",
    ResourceProperties,
  };
  const input = { FunctionName: `ringmaster-${name}`, InvocationType: "RequestResponse", Payload };
  let settled = false;
  const invoked = world.aws("lambda", "Invoke", input).finally(() => (settled = true));
  const [reply] = await Promise.all([invoked, world.clock.until(() => settled)]);
  expect(reply).not.toHaveProperty("FunctionError");
}

test("the stages of the pool are deleted", async () => {
  const stages = async () => ((await world.aws("ivs", "ListStages", {}))["stages"] as unknown[]).length;
  expect(await stages()).toBe(12);
  await asked("delete-stages", "00000000-0000-4000-8000-000000000001", {});
  expect(await stages()).toBe(0);
});

test("the bucket of lists is emptied, and can be deleted", async () => {
  const Bucket = world.runtime.outputs["CleanUpBucketName"] ?? "";
  for (const Key of ["operations/monday/report.json", "results/monday/manifest.json"])
    await world.aws("s3", "PutObject", { Bucket, Key, Body: "{}" });
  await asked("empty-bucket", "00000000-0000-4000-8000-000000000002", { BucketName: Bucket });
  await expect(world.aws("s3", "DeleteBucket", { Bucket })).resolves.toEqual({});
});
