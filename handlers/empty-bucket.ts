/**
 * Custom resource: empties a bucket when its stack is deleted, because CloudFormation deletes only empty buckets. The bucket's
 * writers are deleted before. If one run cannot empty it, deleting the stack again goes on.
 */
import * as z from "zod/mini";
import { customResource } from "./edge/custom-resource.ts";
import { readEnvironment } from "./edge/environment.ts";
import { edge, logger } from "./edge/handler.ts";
import { bucketObjects } from "./store/bucket-objects.ts";
import { type EmptyBucket, emptyBucket } from "./store/empty-bucket.ts";

const properties = z.object({ BucketName: z.string() });
const tools: EmptyBucket = { objects: bucketObjects(readEnvironment("AWS_REGION")), edge };

/** The bucket is the physical id: if it changes, CloudFormation has the old one emptied. */
export const handler = customResource(async ({ RequestType, ResourceProperties }) => {
  const { BucketName } = properties.parse(ResourceProperties);
  if (RequestType === "Delete")
    logger.info("bucket emptied", { deleted: await emptyBucket(tools, BucketName) });
  return BucketName;
});
