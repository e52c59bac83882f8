/** Emptying a bucket through the AWS SDK. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type BucketObjects, bucketObjects } from "../../handlers/store/bucket-objects.ts";
import { emptyBucket } from "../../handlers/store/empty-bucket.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createS3 } from "../../packages/local-aws/src/s3/s3.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

const Bucket = "clean-ups";
let aws: TestAws;
let objects: BucketObjects;

openForEach(serveTestAws, async (opened) => {
  aws = opened;
  aws.localAws.register(createS3(aws.localAws).service);
  await s3("CreateBucket", {});
  objects = bucketObjects({ AWS_REGION: REGION });
});

const s3 = (operation: string, input: Shape): Promise<Shape> =>
  aws.localAws.call({ service: "s3", operation, input: { Bucket, ...input }, caller: PERSON });
const edge = { now: () => aws.clock.now() };

test("a bucket with more than one page of objects is emptied and can be deleted", async () => {
  for (let serial = 0; serial < 1_005; serial += 1)
    await s3("PutObject", { Key: `a b/${serial}&.json`, Body: "{}" });
  expect(await emptyBucket({ objects, edge }, Bucket)).toBe(1_005);
  await s3("DeleteBucket", {});
});

test("a bucket that does not exist counts as empty", async () => {
  await s3("DeleteBucket", {});
  expect(await emptyBucket({ objects, edge }, Bucket)).toBe(0);
});

test("a run that cannot delete everything says so, and the next run continues", async () => {
  let [nowMs, left] = [0, 3];
  const slow = { deletePage: async () => ((nowMs += 200_000), left-- > 0 ? 1_000 : 0) };
  const run = () => emptyBucket({ objects: slow, edge: { now: () => nowMs } }, Bucket);
  await expect(run()).rejects.toThrow("2000 objects of clean-ups are deleted, and more are left");
  expect(await run()).toBe(1_000);
});
