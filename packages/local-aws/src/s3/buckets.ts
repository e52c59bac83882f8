/** The buckets and their objects, in memory. */
import { createHash, randomBytes } from "node:crypto";
import { AwsError, type AwsCall, type Permission } from "../local-aws.ts";
import { asItIs, type Form, type Store } from "../store/store.ts";
import type { Statement } from "../iam/policy-statement.ts";
import { noSuchBucket } from "./s3-error.ts";

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** With its quotation marks, as on the wire. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  /** What headers said of it: ContentType, ContentEncoding, CacheControl, … */
  readonly described: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** CRC32 of the whole object in base64; an object uploaded in parts has none. */
  readonly crc32?: string;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAtMs: number;
  readonly described: StoredObject["described"];
  readonly metadata: StoredObject["metadata"];
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
  /** Events about its objects go to the default bus. */
  notifies: boolean;
  /** What its policy denies to every principal. */
  denied: readonly Statement[];
}

export interface Buckets {
  add(name: string, createdAtMs: number): Bucket;
  /** Throws BucketNotEmpty if there are objects in it. */
  remove(name: string): void;
  get(name: unknown): Bucket;
  all(): readonly Bucket[];
  /** Throws AccessDenied if the bucket's policy denies the call. */
  checkPolicy(bucket: Bucket, call: AwsCall, permission: Permission): void;
}

/** Lower-case letters, digits, dots and hyphens. */
const NAME = /^(?!xn--|.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type KeptObject = Omit<StoredObject, "body"> & { readonly body: string };

const objectForm: Form<StoredObject> = {
  write: ({ body, ...object }): KeptObject => ({ ...object, body: body.toString("base64") }),
  read: ({ body, ...object }: KeptObject): StoredObject => ({ ...object, body: Buffer.from(body, "base64") }),
};

const objectsOf = (name: string): string => `s3.objects ${name}`;

export function createBuckets(store: Store): Buckets {
  const buckets = new Map<string, Bucket>();
  const kept = store.map("s3.buckets", asItIs<number>());

  function open(name: string, createdAtMs: number): Bucket {
    const objects = store.map(objectsOf(name), objectForm);
    const content = { objects, uploads: new Map(), notifies: false, denied: [] };
    const bucket: Bucket = { name, arn: `arn:aws:s3:::${name}`, createdAtMs, ...content };
    buckets.set(name, bucket);
    return bucket;
  }
  for (const [name, createdAtMs] of kept) open(name, createdAtMs);

  return {
    all: () => [...buckets.values()],
    remove(name) {
      if ((buckets.get(name)?.objects.size ?? 0) > 0) {
        const message = "The bucket you tried to delete is not empty";
        throw new AwsError("BucketNotEmpty", message, 409, { BucketName: name });
      }
      buckets.delete(name);
      kept.delete(name);
      store.forget(objectsOf(name));
    },
    get(name) {
      const found = buckets.get(String(name));
      if (!found) throw noSuchBucket(String(name));
      return found;
    },
    add(name, createdAtMs) {
      if (!NAME.test(name)) {
        throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, {
          BucketName: name,
        });
      }
      if (buckets.has(name)) {
        const message = "Your previous request to create the named bucket succeeded and you already own it.";
        throw new AwsError("BucketAlreadyOwnedByYou", message, 409, { BucketName: name });
      }
      kept.set(name, createdAtMs);
      return open(name, createdAtMs);
    },
    checkPolicy({ denied }, { caller }, permission) {
      if (!denied.some((statement) => statement.covers(permission))) return;
      const who = caller.kind === "role" ? caller.arn : "the caller";
      const message = `User: ${who} is not authorized to perform: ${permission.action} on resource: ${permission.resource} with an explicit deny in a resource-based policy`;
      throw new AwsError("AccessDenied", message, 403);
    },
  };
}

export const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

/** The only randomness of identifiers here. */
export const newUploadId = (): string => randomBytes(32).toString("base64url");

/** S3 sorts keys by their UTF-8 bytes; comparing strings differs from it above U+FFFF. */
export const sortedKeys = ({ objects }: Bucket): string[] => {
  const keys = [...objects.keys()];
  const isPlain = keys.every((key) => !/[\ud800-\udfff]/.test(key));
  return isPlain ? keys.sort() : keys.sort((one, other) => Buffer.from(one).compare(Buffer.from(other)));
};
