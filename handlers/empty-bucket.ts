/**
 * Custom resource: empties a bucket that goes with its stack, which CloudFormation deletes only when it is empty. What writes to it
 * goes before. Deleting the stack again goes on with what did not fit into one run.
 */
import * as z from "zod/mini";
import { customResource } from "./edge/custom-resource.ts";
import { readEnvironment } from "./edge/environment.ts";
import { edge, logger } from "./edge/handler.ts";
import { bucketObjects } from "./store/bucket-objects.ts";
import { type EmptyBucket, emptyBucket } from "./store/empty-bucket.ts";

const properties = z.object({ BucketName: z.string() });
const tools: EmptyBucket = { objects: bucketObjects(readEnvironment("AWS_REGION")), edge };

/** Another bucket is another resource: CloudFormation then has the old one emptied. */
export const handler = customResource(async ({ RequestType, ResourceProperties }) => {
  const { BucketName } = properties.parse(ResourceProperties);
  if (RequestType === "Delete")
    logger.info("bucket emptied", { deleted: await emptyBucket(tools, BucketName) });
  return BucketName;
});
