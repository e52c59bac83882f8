/**
 * Requests to AWS services that a command needs for one or two operations: signed and spelled as the SDK's clients do it, without
 * a client for each.
 */
import { createHash, createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { SignatureV4 } from "@smithy/signature-v4";

export interface SignedRequest {
  /** Name of the service in its host. */
  readonly host: string;
  /** Name of the service in the signature. */
  readonly service: string;
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Resolves with the text of the reply. A refusal is an error with AWS's code as its name. */
export type SendSigned = (request: SignedRequest) => Promise<string>;

/** The first try included. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

/** Region, credentials and endpoint are those of a client of the SDK. */
export function signedRequests({ config }: Pick<CloudFormationClient, "config">): SendSigned {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await send(config, request);
      const text = await reply.text();
      if (reply.ok) return text;
      const mayWork = reply.status === 429 || reply.status >= 500;
      if (!mayWork || attempt === ATTEMPTS) throw refusalOf(reply, text);
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  };
}

/** An operation of AWS's JSON protocol 1.1: `target` is the service's prefix and the operation. */
export async function askJson(
  send: SendSigned,
  { target, input, ...request }: Pick<SignedRequest, "host" | "service"> & { target: string; input: object },
): Promise<unknown> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  return JSON.parse(await send({ ...request, method: "POST", headers, body: JSON.stringify(input) }));
}

async function send(
  config: CloudFormationClient["config"],
  { host, service, method = "GET", path = "/", query = {}, headers = {}, body }: SignedRequest,
): Promise<Response> {
  const region = await config.region();
  const own = config.isCustomEndpoint ? await config.endpoint?.() : undefined;
  const port = own?.port === undefined ? "" : `:${own.port}`;
  const to = own
    ? { protocol: own.protocol, hostname: own.hostname, at: `${own.hostname}${port}` }
    : {
        protocol: "https:",
        hostname: `${host}.${region}.amazonaws.com`,
        at: `${host}.${region}.amazonaws.com`,
      };
  const signer = new SignatureV4({ service, region, credentials: config.credentials, sha256: Sha256 });
  const { protocol, hostname } = to;
  const unsigned = { method, protocol, hostname, path, query, headers: { host: to.at, ...headers }, body };
  const signed = await signer.sign(unsigned);
  const search = new URLSearchParams(query).toString();
  const url = `${protocol}//${to.at}${path}${search === "" ? "" : `?${search}`}`;
  const { host: _named, ...sent } = signed.headers;
  return fetch(url, { method, headers: sent, ...(body !== undefined && { body }) }).catch(
    (error: unknown) => {
      // The error of `fetch` itself only says that it failed.
      throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
    },
  );
}

function refusalOf({ status, headers }: Response, text: string): Error {
  const [, inXml] = /<Code>([^<]+)</.exec(text) ?? [];
  const [, inJson] = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text) ?? [];
  const [name = "Refused"] = (headers.get("x-amzn-errortype") ?? inJson ?? inXml ?? "Refused").split(":");
  const [, message] =
    /"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? /<Message>([^<]+)</.exec(text) ?? [];
  const error = new Error(message ?? `HTTP ${status}`);
  return Object.assign(error, { name, $metadata: { httpStatusCode: status } });
}

/** The hash in the form that the signer takes. */
class Sha256 {
  #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error("a signature hashes a text once");
  }
}

const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === "string") return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
};
