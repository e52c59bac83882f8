/** What a function receives from the HTTP API: payload format 2.0. */
import type { Json } from "../local-aws.ts";
import type { Authorized } from "./jwt-authorizer.ts";
import { headerOf, newTraceId } from "./http-message.ts";
import type { HttpRequest } from "./http-message.ts";

export interface ProxyContext {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly endpoint: string;
  readonly stage: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly nowMs: number;
  readonly authorized: Authorized | undefined;
}

const TEXT = /^(text\/|application\/(json|xml|javascript|[\w.-]+\+(json|xml))\s*(;|$))/i;

export function proxyEvent(request: HttpRequest, context: ProxyContext): Record<string, Json> {
  const cookies = headerOf(request, "cookie")?.split(/;\s*/);
  const query = queryOf(request.query);
  return {
    version: "2.0",
    routeKey: context.routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookies && { cookies }),
    headers: headersOf(request, context),
    ...(query && { queryStringParameters: query }),
    requestContext: requestContextOf(request, context),
    ...(Object.keys(context.pathParameters).length > 0 && { pathParameters: { ...context.pathParameters } }),
    ...bodyOf(request),
  };
}

function requestContextOf(request: HttpRequest, context: ProxyContext): Record<string, Json> {
  const { authorized, apiId, nowMs } = context;
  const jwt = authorized && {
    claims: authorized.claims,
    scopes: authorized.scopes && [...authorized.scopes],
  };
  return {
    accountId: context.account,
    apiId,
    ...(jwt && { authorizer: { jwt } }),
    domainName: new URL(context.endpoint).host,
    domainPrefix: apiId,
    http: {
      method: request.method,
      path: request.path,
      protocol: "HTTP/1.1",
      sourceIp: request.sourceIp,
      userAgent: headerOf(request, "user-agent") ?? "",
    },
    requestId: context.requestId,
    routeKey: context.routeKey,
    stage: context.stage,
    time: commonLogTime(nowMs),
    timeEpoch: nowMs,
  };
}

/** What the client sent, and what API Gateway adds on the way. Cookies travel by themselves. */
function headersOf(request: HttpRequest, { endpoint, nowMs }: ProxyContext): Record<string, string> {
  const { protocol, port } = new URL(endpoint);
  const scheme = protocol.replace(":", "");
  const names = Object.keys(request.headers).filter((name) => name !== "cookie");
  const sent = names
    .map((name) => [name, headerOf(request, name)])
    .filter(([, value]) => value !== undefined);
  const forwardedFor = [headerOf(request, "x-forwarded-for"), request.sourceIp].filter(Boolean).join(", ");
  return {
    "x-amzn-trace-id": newTraceId(nowMs),
    ...Object.fromEntries(sent),
    "x-forwarded-for": forwardedFor,
    "x-forwarded-port": port || (scheme === "https" ? "443" : "80"),
    "x-forwarded-proto": scheme,
  };
}

function queryOf(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known},${value}`);
  }
  return Object.fromEntries(values);
}

function bodyOf(request: HttpRequest): { body?: string; isBase64Encoded: boolean } {
  const { body } = request;
  if (!body || body.length === 0) return { isBase64Encoded: false };
  const isText =
    TEXT.test(headerOf(request, "content-type") ?? "text/plain") && !headerOf(request, "content-encoding");
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(atMs: number): string {
  const [, day, month, year, time] = new Date(atMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
