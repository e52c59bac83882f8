/** What a request may hold. A member that is not listed here is refused by its name. */
import * as z from "zod";
import { AwsError, type Shape } from "../local-aws.ts";
import { invalidArgument } from "./s3-error.ts";

const Bucket = z.string().min(1);
const Key = z.string().min(1);
const count = z.coerce.number().int().min(0);
/** From the wire: bytes; from a state machine: text, or a value that is written as JSON. */
const Body = z.unknown().transform((body): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
});
export const DESCRIBING = [
  "ContentType",
  "ContentEncoding",
  "ContentDisposition",
  "ContentLanguage",
  "CacheControl",
] as const;
const text = z.string().optional();
const described = {
  ContentType: text,
  ContentEncoding: text,
  ContentDisposition: text,
  ContentLanguage: text,
  CacheControl: text,
  Metadata: z.record(z.string(), z.string()).optional(),
};
/** Encryption is accepted and makes no difference here. */
const encryption = {
  ServerSideEncryption: text,
  SSEKMSKeyId: text,
  BucketKeyEnabled: z.unknown().optional(),
};
const checksum = {
  ChecksumAlgorithm: text,
  ChecksumCRC32: text,
  ChecksumCRC64NVME: text,
  ChecksumType: text,
  ContentMD5: text,
};
const owner = { ExpectedBucketOwner: text };
const part = z.strictObject({ PartNumber: z.coerce.number().int().min(1).max(10_000), ETag: z.string() });

export const requests = {
  ListBuckets: z.strictObject({ MaxBuckets: count.optional(), Prefix: text, ContinuationToken: text }),
  CreateBucket: z.strictObject({ Bucket }),
  HeadBucket: z.strictObject({ Bucket, ...owner }),
  DeleteBucket: z.strictObject({ Bucket, ...owner }),
  PutObject: z.strictObject({
    Bucket,
    Key,
    Body,
    IfNoneMatch: z.literal("*").optional(),
    IfMatch: text,
    ...described,
    ...encryption,
    ...checksum,
    ...owner,
  }),
  GetObject: z.strictObject({
    Bucket,
    Key,
    Range: text,
    IfMatch: text,
    IfNoneMatch: text,
    ChecksumMode: text,
    ...owner,
  }),
  DeleteObject: z.strictObject({ Bucket, Key, ...owner }),
  DeleteObjects: z.strictObject({
    Bucket,
    Delete: z.strictObject({
      Objects: z.array(z.strictObject({ Key })).min(1).max(1_000),
      Quiet: z.union([z.boolean(), z.stringbool()]).optional(),
    }),
    ...checksum,
    ...owner,
  }),
  ListObjectsV2: z.strictObject({
    Bucket,
    Prefix: z.string().default(""),
    Delimiter: text,
    MaxKeys: count.optional(),
    ContinuationToken: text,
    StartAfter: text,
    EncodingType: z.literal("url").optional(),
    FetchOwner: z.unknown().optional(),
    ...owner,
  }),
  CreateMultipartUpload: z.strictObject({ Bucket, Key, ...described, ...encryption, ...checksum, ...owner }),
  UploadPart: z.strictObject({
    Bucket,
    Key,
    UploadId: z.string(),
    PartNumber: part.shape.PartNumber,
    Body,
    ...checksum,
    ...owner,
  }),
  CompleteMultipartUpload: z.strictObject({
    Bucket,
    Key,
    UploadId: z.string(),
    // The checksums of the parts have been compared when they came.
    MultipartUpload: z.object({ Parts: z.array(part.loose()).min(1) }),
    IfNoneMatch: z.literal("*").optional(),
    MpuObjectSize: z.unknown().optional(),
    ...checksum,
    ...owner,
  }),
  AbortMultipartUpload: z.strictObject({ Bucket, Key, UploadId: z.string(), ...owner }),
};

export function read<S extends z.ZodType>(schema: S, input: Shape): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const what = `${issue.keys.join(", ")} is not part of the local runtime`;
    throw new AwsError("NotImplemented", `A parameter you provided implies functionality: ${what}`, 501);
  }
  throw invalidArgument(`${issue?.path.join(".")}: ${issue?.message}`);
}
