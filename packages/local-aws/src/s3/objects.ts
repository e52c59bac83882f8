/** Objects one by one: PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects. */
import { crc32 } from "node:zlib";
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import { type Bucket, type Buckets, etagOf, type StoredObject } from "./buckets.ts";
import { announce } from "./object-events.ts";
import { DESCRIBING, read, requests } from "./request.ts";
import { noSuchKey, preconditionFailed } from "./s3-error.ts";

/** One request may put this much; more goes in parts. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

export function putObject(localAws: LocalAws, buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.PutObject, input);
  const bucket = buckets.get(asked.Bucket);
  checkWrite(bucket, asked.Key, asked);
  const { Key: key, Body: body } = asked;
  if (Buffer.byteLength(key) > 1_024) throw new AwsError("KeyTooLongError", "Your key is too long", 400);
  if (body.length > MAX_PUT_BYTES) {
    throw new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
  }
  const checksum = checkedCrc32(body, asked.ChecksumCRC32);
  const stored = {
    key,
    body,
    etag: etagOf(body),
    lastModifiedMs: localAws.clock.now(),
    ...describedBy(asked),
  };
  store(localAws, bucket, { ...stored, crc32: checksum }, "PutObject");
  return { ETag: stored.etag, ChecksumCRC32: checksum, ServerSideEncryption: "AES256" };
}

export function store(localAws: LocalAws, bucket: Bucket, object: StoredObject, reason: string): void {
  bucket.objects.set(object.key, object);
  announce(localAws, bucket, { detailType: "Object Created", reason, object });
}

/** IfNoneMatch and IfMatch of a write: first writer wins, and no lost update. */
export function checkWrite(
  bucket: Bucket,
  key: string,
  { IfNoneMatch, IfMatch }: { IfNoneMatch?: string | undefined; IfMatch?: string | undefined },
): void {
  const existing = bucket.objects.get(key);
  if (IfNoneMatch === "*" && existing) throw preconditionFailed("If-None-Match");
  if (IfMatch === undefined) return;
  if (!existing) throw noSuchKey(key);
  if (existing.etag !== IfMatch) throw preconditionFailed("If-Match");
}

export function describedBy(asked: Shape): Pick<StoredObject, "described" | "metadata"> {
  const given = DESCRIBING.filter((name) => asked[name] !== undefined);
  return {
    described: Object.fromEntries(given.map((name) => [name, String(asked[name])])),
    metadata: (asked["Metadata"] ?? {}) as Record<string, string>,
  };
}

export function checkedCrc32(body: Buffer, given: string | undefined): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  const computed = bytes.toString("base64");
  if (given === undefined || given === computed) return computed;
  throw new AwsError("BadDigest", "The CRC32 you specified did not match the calculated checksum.", 400);
}

export function getObject(buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.GetObject, input);
  const object = buckets.get(asked.Bucket).objects.get(asked.Key);
  if (!object) throw noSuchKey(asked.Key);
  if (asked.IfMatch !== undefined && asked.IfMatch !== object.etag) throw preconditionFailed("If-Match");
  if (asked.IfNoneMatch === object.etag) throw new AwsError("NotModified", "Not Modified", 304);
  const range = rangeOf(asked.Range, object.body.length);
  const { crc32: checksum } = object;
  return {
    Body: range ? object.body.subarray(range.first, range.last + 1) : object.body,
    ContentLength: range ? range.last - range.first + 1 : object.body.length,
    ...(range ? { ContentRange: `bytes ${range.first}-${range.last}/${object.body.length}` } : {}),
    ...(asked.ChecksumMode === "ENABLED" && checksum && !range ? { ChecksumCRC32: checksum } : {}),
    ...object.described,
    ContentType: object.described["ContentType"] ?? "binary/octet-stream",
    AcceptRanges: "bytes",
    ETag: object.etag,
    LastModified: new Date(object.lastModifiedMs).toISOString(),
    Metadata: object.metadata,
    ServerSideEncryption: "AES256",
  };
}

/** `bytes=0-9`, `bytes=5-`, `bytes=-3`. What is no range of bytes is answered with the whole object. */
function rangeOf(text: string | undefined, size: number): { first: number; last: number } | undefined {
  const [whole, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (whole === undefined || (from === "" && to === "")) return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first <= last) return { first, last };
  throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416, {
    ActualObjectSize: size,
  });
}

export function deleteObject(localAws: LocalAws, buckets: Buckets, input: Shape): Shape {
  const { Bucket: name, Key } = read(requests.DeleteObject, input);
  remove(localAws, buckets.get(name), Key, "DeleteObject");
  return {};
}

export function deleteObjects(localAws: LocalAws, buckets: Buckets, input: Shape): Shape {
  const { Bucket: name, Delete } = read(requests.DeleteObjects, input);
  const bucket = buckets.get(name);
  for (const { Key } of Delete.Objects) remove(localAws, bucket, Key, "DeleteObjects");
  return Delete.Quiet === true ? {} : { Deleted: Delete.Objects };
}

/** Removing what is not there succeeds, and is no event. */
function remove(localAws: LocalAws, bucket: Bucket, key: string, reason: string): void {
  const object = bucket.objects.get(key);
  if (!object) return;
  bucket.objects.delete(key);
  announce(localAws, bucket, { detailType: "Object Deleted", reason, object });
}
