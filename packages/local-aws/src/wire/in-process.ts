/** Lets clients of the AWS SDK in this process ask local AWS without a port: what they take in place of a network. */
import { Readable } from "node:stream";
import type { Caller, LocalAws } from "../local-aws.ts";
import { answer } from "./answer.ts";

/** The parts of the SDK's request that are used. */
interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

export interface InProcessHandler {
  handle(request: SdkRequest): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

export const inProcess = (localAws: LocalAws, caller: Caller): InProcessHandler => ({
  async handle({ method, hostname: host, path, query = {}, headers, body }) {
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const request = {
      method,
      host,
      path,
      query: queryOf(query),
      // Each value is a text.
      headers: Object.fromEntries(lowerCase) as Record<string, string>,
      body: bytesOf(body),
    };
    const { status, headers: replied, body: content } = await answer(localAws, request, caller);
    const stream = Readable.from([Buffer.from(content)]);
    return { response: { statusCode: status, headers: { ...replied }, body: stream } };
  },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
  destroy: () => undefined,
});

function queryOf(query: NonNullable<SdkRequest["query"]>): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? ""].flat().map((value): [string, string] => [name, value]),
  );
  return new URLSearchParams(pairs).toString();
}

/** What only reads sends its input at once. */
function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  // The SDK's own bytes warn of being read as a text, which Buffer.from tries first.
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new Error("a body that is a stream is not sent in process");
}
