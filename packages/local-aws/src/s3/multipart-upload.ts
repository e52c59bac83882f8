/** Objects uploaded in parts, as clients do with larger files. */
import { createHash } from "node:crypto";
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import { type Bucket, type Buckets, etagOf, newUploadId, type Upload } from "./buckets.ts";
import { checkedCrc32, checkWrite, describedBy, store } from "./objects.ts";
import { read, requests } from "./request.ts";
import { noSuchUpload } from "./s3-error.ts";

/** Each part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export function createMultipartUpload(localAws: LocalAws, buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.CreateMultipartUpload, input);
  const { uploads, name } = buckets.get(asked.Bucket);
  const id = newUploadId();
  const startedAtMs = localAws.clock.now();
  uploads.set(id, { id, key: asked.Key, startedAtMs, ...describedBy(asked), parts: new Map() });
  return { Bucket: name, Key: asked.Key, UploadId: id };
}

export function uploadPart(buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.UploadPart, input);
  const { parts } = uploadOf(buckets.get(asked.Bucket), asked);
  const ChecksumCRC32 = checkedCrc32(asked.Body, asked.ChecksumCRC32);
  const etag = etagOf(asked.Body);
  parts.set(asked.PartNumber, { body: asked.Body, etag });
  return { ETag: etag, ChecksumCRC32 };
}

/** The parts named, in their order; an ETag that is not that of the part refuses the whole. */
export function completeMultipartUpload(localAws: LocalAws, buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.CompleteMultipartUpload, input);
  const bucket = buckets.get(asked.Bucket);
  const upload = uploadOf(bucket, asked);
  checkWrite(bucket, upload.key, asked);
  const bodies = partsOf(upload, asked.MultipartUpload.Parts);
  const digests = bodies.map((body) => createHash("md5").update(body).digest());
  const etag = `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${bodies.length}"`;
  const { key, described, metadata } = upload;
  const body = Buffer.concat(bodies);
  const object = { key, body, etag, lastModifiedMs: localAws.clock.now(), described, metadata };
  bucket.uploads.delete(upload.id);
  store(localAws, bucket, object, "CompleteMultipartUpload");
  return { Location: `/${bucket.name}/${key}`, Bucket: bucket.name, Key: key, ETag: etag };
}

export function abortMultipartUpload(buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.AbortMultipartUpload, input);
  const bucket = buckets.get(asked.Bucket);
  bucket.uploads.delete(uploadOf(bucket, asked).id);
  return {};
}

function uploadOf({ uploads }: Bucket, { UploadId, Key }: { UploadId: string; Key: string }): Upload {
  const upload = uploads.get(UploadId);
  if (!upload || upload.key !== Key) throw noSuchUpload(UploadId);
  return upload;
}

function partsOf({ parts }: Upload, named: readonly { PartNumber: number; ETag: string }[]): Buffer[] {
  if (named.some(({ PartNumber }, index) => PartNumber <= (named[index - 1]?.PartNumber ?? 0))) {
    const message =
      "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
    throw new AwsError("InvalidPartOrder", message, 400);
  }
  return named.map(({ PartNumber, ETag }, index) => {
    const part = parts.get(PartNumber);
    if (!part || part.etag !== `"${ETag.replaceAll('"', "")}"`) {
      const message =
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new AwsError("InvalidPart", message, 400, { PartNumber, ETag });
    }
    if (index < named.length - 1 && part.body.length < MIN_PART_BYTES) {
      const message = "Your proposed upload is smaller than the minimum allowed size";
      throw new AwsError("EntityTooSmall", message, 400, { PartNumber, MinSizeAllowed: MIN_PART_BYTES });
    }
    return part.body;
  });
}
