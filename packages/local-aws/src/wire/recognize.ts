/** Finds out which operation of which service an HTTP request asks for, as the stock SDKs and the CLI send it. */
import { AwsError, type Shape } from "../local-aws.ts";
import type { WireRequest } from "./http-message.ts";
import { isQuery, readQueryRequest } from "./query-protocol.ts";
import { REST_ROUTES, type RestReply } from "./rest-routes.ts";
import { readS3Request } from "./s3-requests.ts";

export interface Recognized {
  readonly service: string;
  readonly operation: string;
  readonly input: Shape;
  readonly contentType: string;
  readonly reply?: (output: Shape) => RestReply;
}

interface Target {
  readonly service: string;
  readonly version: "1.0" | "1.1";
}

const TARGETS: Record<string, Target> = {
  AWSStepFunctions: { service: "states", version: "1.0" },
  DynamoDB_20120810: { service: "dynamodb", version: "1.0" },
  AmazonSQS: { service: "sqs", version: "1.0" },
  Logs_20140328: { service: "logs", version: "1.1" },
  GraniteServiceVersion20100801: { service: "cloudwatch", version: "1.0" },
  AWSEvents: { service: "events", version: "1.1" },
  secretsmanager: { service: "secretsmanager", version: "1.1" },
  ServiceQuotasV20190624: { service: "servicequotas", version: "1.1" },
  AmazonSSM: { service: "ssm", version: "1.1" },
  AWSCognitoIdentityProviderService: { service: "cognito-idp", version: "1.1" },
};

/** First label of a host, where it differs from the name in the request's signature. */
const HOSTS: Record<string, string> = { ivsrealtime: "ivs", pinpoint: "mobiletargeting" };

export function recognize(request: WireRequest): Recognized {
  const target = request.headers["x-amz-target"];
  if (target) return byTarget(target, request);
  if (isQuery(request)) {
    return { service: serviceOf(request) ?? "", ...readQueryRequest(request), contentType: "text/xml" };
  }
  return isS3(request)
    ? { service: "s3", ...readS3Request(request), contentType: "application/xml" }
    : byRoute(request);
}

/** S3's protocol is one of its own: any path is a bucket and a key. */
export const isS3 = (request: WireRequest): boolean => serviceOf(request) === "s3";

function byTarget(target: string, { body }: WireRequest): Recognized {
  const [prefix = "", operation = ""] = target.split(".");
  const found = TARGETS[prefix];
  // Operations begin with a capital: what every object has, such as toString, is none.
  if (!found || !/^[A-Z]\w*$/.test(operation)) throw unknown(`x-amz-target ${target}`, 400);
  const contentType = `application/x-amz-json-${found.version}`;
  return { service: found.service, operation, input: objectIn(body), contentType };
}

function byRoute(request: WireRequest): Recognized {
  const { method, path, query } = request;
  const service = serviceOf(request);
  for (const route of REST_ROUTES) {
    const match = route.method === method && (!service || route.service === service) && route.path.exec(path);
    if (!match) continue;
    const groups = Object.entries(match.groups ?? {}).map(([name, value]) => [
      name,
      decodeURIComponent(value),
    ]);
    const parameters = { ...Object.fromEntries(new URLSearchParams(query)), ...Object.fromEntries(groups) };
    const body = parse(request.body);
    return {
      service: route.service,
      operation: typeof route.operation === "string" ? route.operation : route.operation(parameters),
      input: route.input?.(parameters, body, request) ?? { ...parameters, ...body },
      contentType: "application/json",
      ...(route.reply ? { reply: route.reply } : {}),
    };
  }
  throw unknown(`${method} ${path}${service ? ` of ${service}` : ""}`);
}

/** Signed requests name their service; unsigned ones have it in their host, if they come from a function. */
function serviceOf({ headers, host, query }: WireRequest): string | undefined {
  const signature = headers["authorization"] ?? decodeURIComponent(query);
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(signature);
  if (scope?.[1]) return scope[1];
  if (!host.endsWith(".amazonaws.com")) return undefined;
  if (host.startsWith("cloudformation-custom-resource-response-")) return "cloudformation";
  if (/(?:^|\.)s3[.-]/.test(host)) return "s3";
  const [label = ""] = host.split(".");
  return HOSTS[label] ?? label;
}

function objectIn(body: Buffer): Shape {
  const input: unknown = parse(body);
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Shape;
  throw new AwsError("SerializationException", "Start of structure or map found where not expected.");
}

/** Not every body is an object: what an invocation sends is read by its route. */
function parse(body: Buffer): Shape {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8")) as Shape;
  } catch {
    throw new AwsError("SerializationException", "the body is not JSON");
  }
}

/** REST services answer a path that they do not know with 404, the others an unknown target with 400. */
const unknown = (what: string, status = 404): AwsError =>
  new AwsError("UnknownOperationException", `${what} is not part of the local runtime`, status);
