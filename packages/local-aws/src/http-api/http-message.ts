/** Requests and replies of the HTTP API, free of any transport, and the replies that the API itself gives. */
import { createHash } from "node:crypto";
import { freshBytes } from "../fresh-bytes.ts";

export interface HttpRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** By lower-case name; a header sent more than once may be a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Buffer;
  readonly sourceIp: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

/** The value of a header, as API Gateway joins several. */
export function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" || value === undefined ? value : value.join(",");
}

const MESSAGES = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** What API Gateway answers by itself, in its own shape. */
export function gatewayReply(
  status: keyof typeof MESSAGES,
  headers: Record<string, string> = {},
): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message: MESSAGES[status] }),
  };
}

/** API Gateway's request id: 11 random bytes. */
export const newRequestId = (): string => freshBytes(11).toString("base64");

export const newTraceId = (nowMs: number): string =>
  `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${freshBytes(12).toString("hex")}`;

/** Derived from the logical id, so that the API keeps its id from one start to the next. */
export function lastingId(logicalId: string, length: number): string {
  const digest = createHash("sha256").update(logicalId).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(0, length);
}
