/** Amazon S3 on a laptop: buckets and objects in memory, with events about them. */
import { type AwsCall, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { bucketResources } from "./bucket-resource.ts";
import { createBuckets, type Buckets } from "./buckets.ts";
import { listObjectsV2 } from "./list-objects.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from "./multipart-upload.ts";
import { deleteObject, deleteObjects, getObject, putObject } from "./objects.ts";
import { read, requests } from "./request.ts";
import { slowDown } from "./s3-error.ts";

export function createS3(localAws: LocalAws): { service: Service; resources: ResourceTypes } {
  const buckets = createBuckets(localAws.store);
  return {
    service: {
      name: "s3",
      operations: { ...bucketOperations(localAws, buckets), ...objectOperations(localAws, buckets) },
      throttled: slowDown,
    },
    resources: bucketResources(localAws, buckets),
  };
}

/** S3 bills requests in two classes; deleting is free. */
type Billed = "s3:write-request" | "s3:read-request" | undefined;

function operationsOf(localAws: LocalAws, buckets: Buckets) {
  const make = (
    permissions: Operation["permissions"],
    billed: Billed,
    run: (input: Shape) => Shape,
  ): Operation => ({
    permissions,
    run(input: Shape, call: AwsCall) {
      if (input["Bucket"] !== undefined && call.operation !== "CreateBucket") {
        const bucket = buckets.get(input["Bucket"]);
        for (const permission of permissions(input)) buckets.checkPolicy(bucket, call, permission);
      }
      if (billed) localAws.meter(billed, 1);
      return run(input);
    },
  });
  return {
    ofAll: (action: string, billed: Billed, run: (input: Shape) => Shape) =>
      make(() => [{ action, resource: "*" }], billed, run),
    ofBucket: (action: string, billed: Billed, run: (input: Shape) => Shape) =>
      make((input) => [{ action, resource: `arn:aws:s3:::${String(input["Bucket"])}` }], billed, run),
    ofObject: (action: string, billed: Billed, run: (input: Shape) => Shape) =>
      make(
        ({ Bucket, Key }) => [{ action, resource: `arn:aws:s3:::${String(Bucket)}/${String(Key)}` }],
        billed,
        run,
      ),
    make,
  };
}

function bucketOperations(localAws: LocalAws, buckets: Buckets): Record<string, Operation> {
  const { ofAll, ofBucket } = operationsOf(localAws, buckets);
  return {
    ListBuckets: ofAll("s3:ListAllMyBuckets", "s3:write-request", (input) => {
      read(requests.ListBuckets, input);
      const listed = buckets.all().map(({ name, createdAtMs }) => ({
        Name: name,
        CreationDate: new Date(createdAtMs).toISOString(),
      }));
      return { Buckets: listed, Owner: { ID: localAws.account } };
    }),
    CreateBucket: ofBucket("s3:CreateBucket", "s3:write-request", (input) => {
      const { Bucket: name } = read(requests.CreateBucket, input);
      buckets.add(name, localAws.clock.now());
      return { Location: `/${name}` };
    }),
    HeadBucket: ofBucket("s3:ListBucket", "s3:read-request", (input) => {
      buckets.get(read(requests.HeadBucket, input).Bucket);
      return { BucketRegion: localAws.region };
    }),
    DeleteBucket: ofBucket("s3:DeleteBucket", undefined, (input) => {
      buckets.remove(buckets.get(read(requests.DeleteBucket, input).Bucket).name);
      return {};
    }),
    ListObjectsV2: ofBucket("s3:ListBucket", "s3:write-request", (input) => listObjectsV2(buckets, input)),
  };
}

function objectOperations(localAws: LocalAws, buckets: Buckets): Record<string, Operation> {
  const { make, ofObject } = operationsOf(localAws, buckets);
  return {
    PutObject: ofObject("s3:PutObject", "s3:write-request", (input) => putObject(localAws, buckets, input)),
    GetObject: ofObject("s3:GetObject", "s3:read-request", (input) => getObject(buckets, input)),
    HeadObject: ofObject("s3:GetObject", "s3:read-request", (input) => {
      const { Body: _body, ...head } = getObject(buckets, input);
      return head;
    }),
    DeleteObject: ofObject("s3:DeleteObject", undefined, (input) => deleteObject(localAws, buckets, input)),
    DeleteObjects: make(deletePermissions, undefined, (input) => deleteObjects(localAws, buckets, input)),
    CreateMultipartUpload: ofObject("s3:PutObject", "s3:write-request", (input) =>
      createMultipartUpload(localAws, buckets, input),
    ),
    UploadPart: ofObject("s3:PutObject", "s3:write-request", (input) => uploadPart(buckets, input)),
    CompleteMultipartUpload: ofObject("s3:PutObject", "s3:write-request", (input) =>
      completeMultipartUpload(localAws, buckets, input),
    ),
    AbortMultipartUpload: ofObject("s3:AbortMultipartUpload", undefined, (input) =>
      abortMultipartUpload(buckets, input),
    ),
  };
}

function deletePermissions({ Bucket, Delete }: Shape): { action: string; resource: string }[] {
  const { Objects = [] } = (Delete ?? {}) as { Objects?: readonly { Key: string }[] };
  return Objects.map(({ Key }) => ({
    action: "s3:DeleteObject",
    resource: `arn:aws:s3:::${String(Bucket)}/${Key}`,
  }));
}
