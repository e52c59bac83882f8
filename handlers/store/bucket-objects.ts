/** The objects of a bucket without versions, to be deleted. */
import { DeleteObjectsCommand, ListObjectsV2Command, NoSuchBucket, S3Client } from "@aws-sdk/client-s3";
import type { Environment } from "../edge/environment.ts";
import { clientOptions } from "../edge/client-options.ts";

export interface BucketObjects {
  /** Deletes up to a thousand objects and returns their number. A bucket that is gone has none. */
  deletePage(bucket: string): Promise<number>;
}

export function bucketObjects({ AWS_REGION }: Environment<"AWS_REGION">): BucketObjects {
  const s3 = new S3Client(clientOptions(AWS_REGION));
  return {
    async deletePage(Bucket) {
      const { Contents = [] } = await s3
        .send(new ListObjectsV2Command({ Bucket }))
        .catch((error: unknown) => {
          if (error instanceof NoSuchBucket) return { Contents: [] };
          throw error;
        });
      const Objects = Contents.map(({ Key }) => ({ Key }));
      if (Objects.length === 0) return 0;
      const { Errors: [failed] = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      if (failed)
        throw new Error(`${failed.Key} of ${Bucket} is not deleted: ${failed.Code} ${failed.Message}`);
      return Objects.length;
    },
  };
}
