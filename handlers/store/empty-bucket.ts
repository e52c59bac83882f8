/** Empties a bucket page by page, within one run of a function. */
import type { RuntimeInputs } from "../edge/handler.ts";
import type { BucketObjects } from "./bucket-objects.ts";

/** Leaves room to reply before the function's timeout of 300 s. */
const RUN_MS = 270_000;

export interface EmptyBucket {
  readonly objects: BucketObjects;
  readonly edge: Pick<RuntimeInputs, "now">;
}

/** Returns the number of deleted objects. Throws if some are left. */
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
