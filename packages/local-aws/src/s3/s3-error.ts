/** What S3 refuses, in its words. */
import { AwsError } from "../local-aws.ts";

export const noSuchBucket = (name: string): AwsError =>
  new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: name });

export const noSuchKey = (key: string): AwsError =>
  new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

export const noSuchUpload = (uploadId: string): AwsError =>
  new AwsError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );

export const invalidArgument = (message: string): AwsError => new AwsError("InvalidArgument", message, 400);

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
    Condition: condition,
  });

export const slowDown = (): AwsError => new AwsError("SlowDown", "Please reduce your request rate.", 503);
