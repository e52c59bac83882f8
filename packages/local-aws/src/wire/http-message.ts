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

/** The body, or undefined as soon as it is larger than that: the rest is not read. */
export async function readBody(message: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > limitBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The message stays open when its reading ends early: the refusal goes out on the same connection.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > limitBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
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
