import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  BucketAlreadyOwnedByYou,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  NoSuchKey,
  NotFound,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEvents } from "../../src/events/events.ts";
import { createS3 } from "../../src/s3/s3.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const Bucket = "clean-ups";
const MEGABYTE = 1024 * 1024;

let aws: StockAws<ReturnType<typeof createS3>>;
let s3: S3Client;

beforeEach(async () => {
  aws = await openStockAws(createS3);
  s3 = new S3Client(aws.settings);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(async () => {
  s3.destroy();
  await aws.close();
});

const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const textOf = async (Key: string, Range?: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, Range }))).Body?.transformToString();
const keys = async (more: { Prefix?: string; Delimiter?: string; StartAfter?: string } = {}) => {
  const found: string[][] = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, ...more })) {
    const objects = (page.Contents ?? []).map(({ Key = "" }) => Key);
    found.push([...objects, ...(page.CommonPrefixes ?? []).map((folder) => folder.Prefix ?? "")]);
  }
  return found;
};

test("an object comes back as it was put, with its headers, metadata, time and checksum", async () => {
  const { ETag } = await put("deletions/läuft & endet.jsonl", '{"id":"ä"}\n', {
    ContentType: "application/jsonl",
    ContentEncoding: "identity",
    Metadata: { owner: "alice" },
  });
  expect(ETag).toBe(`"${createHash("md5").update('{"id":"ä"}\n').digest("hex")}"`);
  const found = await s3.send(new GetObjectCommand({ Bucket, Key: "deletions/läuft & endet.jsonl" }));
  expect(await found.Body?.transformToString()).toBe('{"id":"ä"}\n');
  const described = {
    ETag,
    ContentLength: 12,
    ContentType: "application/jsonl",
    ContentEncoding: "identity",
    Metadata: { owner: "alice" },
    LastModified: new Date(aws.clock.now()),
  };
  expect(found).toMatchObject(described);
  expect(
    await s3.send(new HeadObjectCommand({ Bucket, Key: "deletions/läuft & endet.jsonl" })),
  ).toMatchObject(described);
});

test("a stream is put in chunks with its checksum behind it", async () => {
  const Body = Readable.from([Buffer.alloc(70_000, "a"), Buffer.alloc(70_000, "b")]);
  await s3.send(new PutObjectCommand({ Bucket, Key: "streamed", Body, ContentLength: 140_000 }));
  expect(await textOf("streamed", "bytes=69999-70000")).toBe("ab");
});

test("a range is a part of the object, and one behind its end is refused", async () => {
  await put("letters", "abcdef");
  expect(await textOf("letters", "bytes=1-2")).toBe("bc");
  expect(await textOf("letters", "bytes=-2")).toBe("ef");
  const { ContentRange, $metadata } = await s3.send(
    new GetObjectCommand({ Bucket, Key: "letters", Range: "bytes=4-99" }),
  );
  expect([ContentRange, $metadata.httpStatusCode]).toEqual(["bytes 4-5/6", 206]);
  await expect(textOf("letters", "bytes=6-")).rejects.toMatchObject({ name: "InvalidRange" });
});

test("keys are listed in their order, page by page, below a prefix, and as folders", async () => {
  for (const key of ["b/2", "a", "b/1", "c/1", "b/3"]) await put(key, "x");
  expect(await keys()).toEqual([["a", "b/1"], ["b/2", "b/3"], ["c/1"]]);
  expect(await keys({ Prefix: "b/" })).toEqual([["b/1", "b/2"], ["b/3"]]);
  expect(await keys({ Delimiter: "/" })).toEqual([["a", "b/"], ["c/"]]);
  expect(await keys({ StartAfter: "b/2" })).toEqual([["b/3", "c/1"]]);
});

test("a large object is put in parts, each but the last of 5 MiB at least", async () => {
  const Key = "large";
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "text/plain" }),
  );
  const part = async (PartNumber: number, Body: Buffer) => {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  const [first, last] = [await part(1, Buffer.alloc(5 * MEGABYTE, "a")), await part(2, Buffer.from("b"))];
  await expect(complete([last, first])).rejects.toMatchObject({ name: "InvalidPartOrder" });
  await expect(complete([first, { ...last, ETag: '"0"' }])).rejects.toMatchObject({ name: "InvalidPart" });
  const { ETag } = await complete([first, last]);
  expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ContentLength: 5 * MEGABYTE + 1,
    ContentType: "text/plain",
  });
  await expect(complete([first, last])).rejects.toMatchObject({ name: "NoSuchUpload" });
});

test("an upload that is given up leaves nothing", async () => {
  const asked = { Bucket, Key: "large" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(asked));
  await s3.send(new AbortMultipartUploadCommand({ ...asked, UploadId }));
  const again = s3.send(new AbortMultipartUploadCommand({ ...asked, UploadId }));
  await expect(again).rejects.toMatchObject({ name: "NoSuchUpload" });
});

test("the first writer wins where a write wants it so", async () => {
  const { ETag } = await put("operation", "first", { IfNoneMatch: "*" });
  const second = put("operation", "second", { IfNoneMatch: "*" });
  await expect(second).rejects.toMatchObject({
    name: "PreconditionFailed",
    $metadata: { httpStatusCode: 412 },
  });
  await put("operation", "third", { IfMatch: ETag });
  await expect(put("operation", "fourth", { IfMatch: ETag })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  expect(await textOf("operation")).toBe("third");
});

test("objects are deleted one by one and many at once; deleting what is not there succeeds", async () => {
  for (const key of ["a", "b", "c"]) await put(key, "x");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  const Objects = [{ Key: "b" }, { Key: "never" }];
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toEqual(Objects);
  expect(await keys()).toEqual([["c"]]);
});

test("buckets are listed, and only an empty one is deleted", async () => {
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets).toEqual([{ Name: Bucket, CreationDate: new Date(aws.clock.now()) }]);
  await put("a", "x");
  await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "BucketNotEmpty",
  });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await s3.send(new HeadBucketCommand({ Bucket }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toThrow(NotFound);
});

test("errors are the client's own classes with AWS's words", async () => {
  await expect(textOf("nothing")).rejects.toThrow(NoSuchKey);
  await expect(textOf("nothing")).rejects.toMatchObject({ message: "The specified key does not exist." });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "nothing" }))).rejects.toThrow(NotFound);
  await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toThrow(BucketAlreadyOwnedByYou);
  await expect(s3.send(new HeadObjectCommand({ Bucket: "nowhere", Key: "a" }))).rejects.toThrow(NotFound);
  await expect(put("a", "x", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
});

test("what this S3 has not is refused by name", async () => {
  const tagged = s3.send(new PutObjectTaggingCommand({ Bucket, Key: "a", Tagging: { TagSet: [] } }));
  await expect(tagged).rejects.toMatchObject({
    name: "NotImplemented",
    message: "s3:object PUT tagging is not part of the local runtime",
  });
  await expect(put("a", "x", { ACL: "public-read" })).rejects.toMatchObject({
    name: "NotImplemented",
    message: expect.stringContaining("x-amz-acl"),
  });
});

test("a bucket of the template tells the default bus what is put and deleted, and keeps to its policy", async () => {
  const { service } = createEvents(aws.localAws);
  aws.localAws.register(service);
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  const { ref } = await aws.create("AWS::S3::Bucket", { NotificationConfiguration }, "Lists");
  expect(ref).toBe("orders-lists");
  const Statement = [
    {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::orders-lists/secret*",
    },
  ];
  await aws.create("AWS::S3::BucketPolicy", { Bucket: ref, PolicyDocument: { Statement } }, "Policy");
  await put("secret", "four", { Bucket: ref });
  await s3.send(new DeleteObjectCommand({ Bucket: ref, Key: "secret" }));
  await aws.clock.settle();
  const events = aws.happened.filter(({ kind }) => kind === "event");
  expect(events).toMatchObject([
    {
      source: "aws.s3",
      detailType: "Object Created",
      detail: { bucket: { name: ref }, object: { key: "secret", size: 4 }, reason: "PutObject" },
    },
    { detailType: "Object Deleted", detail: { "deletion-type": "Permanently Deleted" } },
  ]);
  const read = s3.send(new GetObjectCommand({ Bucket: ref, Key: "secret" }));
  await expect(read).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
});

test("a stock client has used every operation of S3", () => expect(aws.untried()).toEqual([]));
