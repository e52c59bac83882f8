/** HTTP without a transport: what the AWS port and the functions' intercepted requests have in common. */
import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";

export interface WireRequest {
  readonly method: string;
  readonly host: string;
  /** As on the wire, without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes where the reply is an object of S3. */
  readonly body: string | Buffer;
}

export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return globalThis.Buffer.concat(chunks);
}

export function wireRequestOf(message: IncomingMessage, body: Buffer): WireRequest {
  const { headers, method = "GET", url = "/" } = message;
  const [path = "/", ...query] = url.split("?");
  const flat = Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return {
    method,
    host: (headers.host ?? "").replace(/:\d+$/, ""),
    path,
    query: query.join("?"),
    headers: Object.fromEntries(flat) as Record<string, string>,
    body,
  };
}
