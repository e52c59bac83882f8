/** CORS as the HTTP API does it by itself, once the template configures it. */
import type { Cors } from "./apis.ts";
import { headerOf } from "./http-message.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";

function originHeaders(cors: Cors, request: HttpRequest): Record<string, string> | undefined {
  const origin = headerOf(request, "origin");
  if (origin === undefined) return undefined;
  const scheme = `${origin.split("://")[0]}://*`;
  const anyOrigin = cors.allowOrigins.includes("*");
  if (!anyOrigin && !cors.allowOrigins.includes(origin) && !cors.allowOrigins.includes(scheme))
    return undefined;
  return {
    "access-control-allow-origin": anyOrigin ? "*" : origin,
    ...(cors.allowCredentials && { "access-control-allow-credentials": "true" }),
    ...(cors.exposeHeaders.length > 0 && { "access-control-expose-headers": cors.exposeHeaders.join(",") }),
  };
}

export function preflightReply(cors: Cors, request: HttpRequest): HttpResponse {
  const { allowMethods, allowHeaders, maxAgeSeconds } = cors;
  const allowed = originHeaders(cors, request);
  const headers = allowed && {
    ...allowed,
    ...(allowMethods.length > 0 && { "access-control-allow-methods": allowMethods.join(",") }),
    ...(allowHeaders.length > 0 && { "access-control-allow-headers": allowHeaders.join(",") }),
    ...(maxAgeSeconds !== undefined && { "access-control-max-age": String(maxAgeSeconds) }),
  };
  return { status: 204, headers: headers ?? {}, body: "" };
}

/** The API's own CORS headers replace those of the function. */
export function withCors(cors: Cors | undefined, request: HttpRequest, reply: HttpResponse): HttpResponse {
  if (!cors) return reply;
  const kept = Object.entries(reply.headers).filter(([name]) => !name.startsWith("access-control-"));
  return { ...reply, headers: { ...Object.fromEntries(kept), ...originHeaders(cors, request) } };
}
