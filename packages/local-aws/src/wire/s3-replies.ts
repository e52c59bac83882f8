/** S3's REST protocol: replies as headers, XML or the object itself, and errors as XML. */
import type { AwsError, Shape } from "../local-aws.ts";
import { writeXml } from "./xml.ts";

export interface S3Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Roots of the replies that are XML. */
const ROOTS: Readonly<Record<string, string>> = {
  ListBuckets: "ListAllMyBucketsResult",
  ListObjectsV2: "ListBucketResult",
  DeleteObjects: "DeleteResult",
  CreateMultipartUpload: "InitiateMultipartUploadResult",
  CompleteMultipartUpload: "CompleteMultipartUploadResult",
};

const HEADERS: Readonly<Record<string, string>> = {
  AcceptRanges: "accept-ranges",
  BucketRegion: "x-amz-bucket-region",
  CacheControl: "cache-control",
  ChecksumCRC32: "x-amz-checksum-crc32",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  ContentLanguage: "content-language",
  ContentLength: "content-length",
  ContentRange: "content-range",
  ContentType: "content-type",
  ETag: "etag",
  Location: "location",
  ServerSideEncryption: "x-amz-server-side-encryption",
};

export function s3Reply(operation: string, output: Shape): S3Reply {
  const root = ROOTS[operation];
  if (root) {
    const body = DECLARATION + writeXml(root, named(operation, output), NAMESPACE);
    return { status: 200, headers: { "content-type": "application/xml" }, body };
  }
  const headers = headersOf(output);
  const { Body: body } = output;
  if (Buffer.isBuffer(body)) return { status: output["ContentRange"] ? 206 : 200, headers, body };
  const isEmpty = /^(?:DeleteObject|DeleteBucket|AbortMultipartUpload)$/.test(operation);
  return { status: isEmpty ? 204 : 200, headers, body: "" };
}

/** Lists of which each element has the name of one: Buckets holds Bucket. */
function named(operation: string, output: Shape): Shape {
  return operation === "ListBuckets" ? { ...output, Buckets: { Bucket: output["Buckets"] } } : output;
}

function headersOf(output: Shape): Record<string, string> {
  const { LastModified, Metadata } = output;
  const known = Object.entries(HEADERS).flatMap(([member, header]) => {
    const value = output[member];
    return typeof value === "string" || typeof value === "number" ? [[header, String(value)]] : [];
  });
  const metadata = Object.entries((Metadata ?? {}) as Record<string, string>);
  return {
    ...(Object.fromEntries(known) as Record<string, string>),
    ...Object.fromEntries(metadata.map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...(typeof LastModified === "string" ? { "last-modified": new Date(LastModified).toUTCString() } : {}),
  };
}

/** HEAD and 304 have no body: the SDK tells their errors by the status. */
export function s3Refusal(method: string, { code, message, status, fields }: AwsError): S3Reply {
  const isUnknown = code === "UnknownOperationException";
  const shown = isUnknown ? { Code: "NotImplemented", Message: message } : { Code: code, Message: message };
  const isBare = method === "HEAD" || status === 304;
  return {
    status: isUnknown ? 501 : status,
    headers: { "content-type": "application/xml" },
    body: isBare ? "" : DECLARATION + writeXml("Error", { ...shown, ...fields }),
  };
}
