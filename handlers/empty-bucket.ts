/**
 * Custom resource: empties a bucket that goes with its stack, which CloudFormation deletes only when it is empty. What writes to it
 * goes before. Deleting the stack again goes on with what did not fit into one run.
 */
import * as z from "zod/mini";
import { type BucketObjects, bucketObjects } from "./adapters/bucket-objects.ts";
import { customResource } from "./custom-resource.ts";
import { readEnvironment } from "./environment.ts";
import { type Edge, edge, logger } from "./handler.ts";

/** Leaves room to reply before the function's timeout of 300 s. */
const RUN_MS = 270_000;

export interface EmptyBucket {
  readonly objects: BucketObjects;
  readonly edge: Pick<Edge, "now">;
}

/** How many objects it has deleted. Throws if some are left. */
export async function emptyBucket({ objects, edge }: EmptyBucket, bucket: string): Promise<number> {
  const untilMs = edge.now() + RUN_MS;
  let deleted = 0;
  for (;;) {
    const page = await objects.deletePage(bucket);
    deleted += page;
    if (page === 0) return deleted;
    if (edge.now() >= untilMs)
      throw new Error(
        `${deleted} objects of ${bucket} are deleted, and more are left: delete the stack again, which goes on`,
      );
  }
}

const properties = z.object({ BucketName: z.string() });
const tools: EmptyBucket = { objects: bucketObjects(readEnvironment("AWS_REGION")), edge };

/** Another bucket is another resource: CloudFormation then has the old one emptied. */
export const handler = customResource(async ({ RequestType, ResourceProperties }) => {
  const { BucketName } = properties.parse(ResourceProperties);
  if (RequestType === "Delete")
    logger.info("bucket emptied", { deleted: await emptyBucket(tools, BucketName) });
  return BucketName;
});
