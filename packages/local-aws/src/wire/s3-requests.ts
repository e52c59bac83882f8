/** S3's REST protocol: which operation a method, a path and a query ask for, and its input from headers and body. */
import { AwsError, type Shape } from "../local-aws.ts";
import { unchunk } from "./aws-chunked.ts";
import type { WireRequest } from "./http-message.ts";
import { readXml, type XmlElement } from "./xml.ts";

export interface S3Request {
  readonly operation: string;
  readonly input: Shape;
}

/** What may stand in a query beside the parameters of an operation: the name of the operation, a signature. */
const ASIDE = /^(x-id|x-amz-(?:algorithm|credential|date|expires|security-token|signature|signedheaders))$/i;

/** Headers that describe an object, where one is put; elsewhere they are about the request's own body. */
const DESCRIBING: Readonly<Record<string, string>> = {
  "content-type": "ContentType",
  "content-disposition": "ContentDisposition",
  "content-language": "ContentLanguage",
  "cache-control": "CacheControl",
};
const PUTS = ["PutObject", "CreateMultipartUpload"];

const HEADERS: Readonly<Record<string, string>> = {
  "content-md5": "ContentMD5",
  "if-match": "IfMatch",
  "if-none-match": "IfNoneMatch",
  range: "Range",
  "x-amz-checksum-crc32": "ChecksumCRC32",
  "x-amz-checksum-crc64nvme": "ChecksumCRC64NVME",
  "x-amz-checksum-mode": "ChecksumMode",
  "x-amz-checksum-type": "ChecksumType",
  "x-amz-sdk-checksum-algorithm": "ChecksumAlgorithm",
  "x-amz-checksum-algorithm": "ChecksumAlgorithm",
  "x-amz-expected-bucket-owner": "ExpectedBucketOwner",
  "x-amz-server-side-encryption": "ServerSideEncryption",
  "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
  "x-amz-server-side-encryption-bucket-key-enabled": "BucketKeyEnabled",
  "x-amz-mp-object-size": "MpuObjectSize",
};
const ABOUT_THE_REQUEST =
  /^x-amz-(?:content-sha256|date|user-agent|security-token|decoded-content-length|trailer|id-2)$/;

const QUERY: Readonly<Record<string, string>> = {
  prefix: "Prefix",
  delimiter: "Delimiter",
  "max-keys": "MaxKeys",
  "continuation-token": "ContinuationToken",
  "start-after": "StartAfter",
  "encoding-type": "EncodingType",
  "fetch-owner": "FetchOwner",
  uploadId: "UploadId",
  partNumber: "PartNumber",
  "max-buckets": "MaxBuckets",
};
/** Queries that choose the operation. Their values say nothing. */
const CHOOSING = ["delete", "uploads", "list-type"];

type Target = "service" | "bucket" | "object";

/** By target, method and the queries that choose; anything else is refused under its own spelling. */
const OPERATIONS: Readonly<Record<string, string>> = {
  "service GET": "ListBuckets",
  "bucket PUT": "CreateBucket",
  "bucket HEAD": "HeadBucket",
  "bucket DELETE": "DeleteBucket",
  "bucket GET list-type": "ListObjectsV2",
  "bucket POST delete": "DeleteObjects",
  "object PUT": "PutObject",
  "object GET": "GetObject",
  "object HEAD": "HeadObject",
  "object DELETE": "DeleteObject",
  "object POST uploads": "CreateMultipartUpload",
  "object PUT partNumber uploadId": "UploadPart",
  "object POST uploadId": "CompleteMultipartUpload",
  "object DELETE uploadId": "AbortMultipartUpload",
};

export function readS3Request(request: WireRequest): S3Request {
  const { bucket, key } = addressOf(request);
  const target: Target = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const query = [...new URLSearchParams(request.query)].filter(([name]) => !ASIDE.test(name));
  const choosing = query
    .map(([name]) => name)
    .filter(
      (name) => CHOOSING.includes(name) || !(name in QUERY) || name === "uploadId" || name === "partNumber",
    );
  const spelled = [target, request.method, ...choosing.toSorted()].join(" ");
  const operation = OPERATIONS[spelled] ?? spelled;
  const parameters = query.flatMap(([name, value]) => (QUERY[name] ? [[QUERY[name], value]] : []));
  return {
    operation,
    input: {
      ...(bucket === "" ? {} : { Bucket: bucket }),
      ...(key === "" ? {} : { Key: key }),
      ...(Object.fromEntries(parameters) as Shape),
      ...contentOf(operation, request),
    },
  };
}

/** Path style, or the bucket as the first label of AWS's own host. */
function addressOf({ host, path }: WireRequest): { bucket: string; key: string } {
  const [, ofHost] = /^(.+)\.s3[.-][\w.-]*amazonaws\.com$/.exec(host) ?? [];
  const [, first = "", rest = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (ofHost === undefined) return { bucket: decodeURIComponent(first), key: decodeURIComponent(rest) };
  return { bucket: ofHost, key: decodeURIComponent(path.slice(1)) };
}

function contentOf(operation: string, request: WireRequest): Shape {
  const { headers } = request;
  const known = PUTS.includes(operation) ? { ...HEADERS, ...DESCRIBING } : HEADERS;
  const read = (sent: Readonly<Record<string, string>>): Shape => headersOf(sent, known);
  if (operation === "DeleteObjects") return { ...read(headers), Delete: objectsIn(request.body) };
  if (operation === "CompleteMultipartUpload")
    return { ...read(headers), MultipartUpload: { Parts: partsIn(request.body) } };
  if (!/^(?:PutObject|UploadPart)$/.test(operation)) return read(headers);
  const encodings = (headers["content-encoding"] ?? "").split(/, */).filter((one) => one !== "");
  const isChunked = encodings.includes("aws-chunked");
  const { body, trailers } = isChunked ? unchunk(request.body) : { body: request.body, trailers: {} };
  const ContentEncoding = encodings.filter((one) => one !== "aws-chunked").join(", ");
  return {
    ...read({ ...headers, ...trailers }),
    ...(ContentEncoding === "" ? {} : { ContentEncoding }),
    Body: body,
  };
}

/** A header of S3's that is not known becomes a member of its own name, which the operation refuses. */
function headersOf(
  headers: Readonly<Record<string, string>>,
  members: Readonly<Record<string, string>>,
): Shape {
  const found: Shape = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const known = members[name];
    if (known) found[known] = value;
    else if (name.startsWith("x-amz-meta-")) metadata[name.slice("x-amz-meta-".length)] = value;
    else if (name.startsWith("x-amz-") && !ABOUT_THE_REQUEST.test(name)) found[name] = value;
  }
  return Object.keys(metadata).length > 0 ? { ...found, Metadata: metadata } : found;
}

function objectsIn(body: Buffer): Shape {
  const { children } = parse(body);
  const quiet = children.find(({ name }) => name === "Quiet");
  return {
    Objects: children.filter(({ name }) => name === "Object").map(membersOf),
    ...(quiet ? { Quiet: quiet.text } : {}),
  };
}

const partsIn = (body: Buffer): Shape[] =>
  parse(body)
    .children.filter(({ name }) => name === "Part")
    .map(membersOf);

const membersOf = ({ children }: XmlElement): Shape =>
  Object.fromEntries(children.map(({ name, text }) => [name, text]));

function parse(body: Buffer): XmlElement {
  try {
    return readXml(body.toString("utf8"));
  } catch {
    const message =
      "The XML you provided was not well-formed or did not validate against our published schema";
    throw new AwsError("MalformedXML", message, 400);
  }
}
