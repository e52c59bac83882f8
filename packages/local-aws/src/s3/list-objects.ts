/** ListObjectsV2: keys in the order of their bytes, up to 1,000 a page, with folders by delimiter. */
import type { Shape } from "../local-aws.ts";
import { type Buckets, sortedKeys, type StoredObject } from "./buckets.ts";
import { read, requests } from "./request.ts";
import { invalidArgument } from "./s3-error.ts";

const MOST_KEYS = 1_000;

export function listObjectsV2(buckets: Buckets, input: Shape): Shape {
  const asked = read(requests.ListObjectsV2, input);
  const bucket = buckets.get(asked.Bucket);
  const { Prefix: prefix, Delimiter: delimiter = "", StartAfter, ContinuationToken } = asked;
  const most = Math.min(asked.MaxKeys ?? MOST_KEYS, MOST_KEYS);
  const after = ContinuationToken === undefined ? (StartAfter ?? "") : startOf(ContinuationToken);
  const contents: StoredObject[] = [];
  const folders = new Set<string>();
  let last = "";
  let isTruncated = false;
  for (const key of sortedKeys(bucket)) {
    const folder = folderOf(key, prefix, delimiter);
    // A page that ended with a folder goes on after everything in it.
    const isDone = key <= after || (folder !== undefined && folder <= after);
    if (!key.startsWith(prefix) || isDone || (folder !== undefined && folders.has(folder))) continue;
    isTruncated = contents.length + folders.size >= most;
    if (isTruncated) break;
    last = folder ?? key;
    const object = bucket.objects.get(key);
    if (folder !== undefined) folders.add(folder);
    else if (object) contents.push(object);
  }
  const spell = (key: string): string => (asked.EncodingType === "url" ? encodeKey(key) : key);
  return {
    Name: bucket.name,
    Prefix: spell(prefix),
    ...(delimiter === "" ? {} : { Delimiter: spell(delimiter) }),
    ...(asked.EncodingType ? { EncodingType: asked.EncodingType } : {}),
    ...(StartAfter === undefined ? {} : { StartAfter: spell(StartAfter) }),
    ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
    MaxKeys: most,
    KeyCount: contents.length + folders.size,
    IsTruncated: isTruncated,
    ...(isTruncated && most > 0 ? { NextContinuationToken: Buffer.from(last).toString("base64url") } : {}),
    Contents: contents.map((object) => summaryOf(object, spell)),
    CommonPrefixes: [...folders].map((folder) => ({ Prefix: spell(folder) })),
  };
}

function folderOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

function startOf(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (key !== "") return key;
  throw invalidArgument("The continuation token provided is incorrect");
}

const encodeKey = (key: string): string =>
  encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");

const summaryOf = (
  { key, body, etag, lastModifiedMs }: StoredObject,
  spell: (key: string) => string,
): Shape => ({
  Key: spell(key),
  LastModified: new Date(lastModifiedMs).toISOString(),
  ETag: etag,
  Size: body.length,
  StorageClass: "STANDARD",
});
