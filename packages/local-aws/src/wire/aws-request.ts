/**
 * A request to AWS as Node's `http.ClientRequest` shows it to the SDK, and its reply as an `http.IncomingMessage`, without a
 * connection: the bytes that the SDK writes go to local AWS as they are, and nothing is put into HTTP's text and parsed again.
 *
 * R1 What was written is sent when the request ends; a request destroyed before its reply fails as one whose connection
 *    was lost, or with the error that it was destroyed with.
 * R2 `close` comes once, after the reply was read or the request was given up.
 */
import { validateHeaderValue, type IncomingMessage, type RequestOptions } from "node:http";
import { Readable, Writable } from "node:stream";
import type { WireRequest, WireResponse } from "./http-message.ts";

export type OnResponse = (response: IncomingMessage) => void;
/** Answers the request; rejects only for a fault of the runtime. */
export type Ask = (request: WireRequest) => Promise<WireResponse>;

/** A connection that stands from the start and never idles. */
const SOCKET = {
  connecting: false,
  setKeepAlive: () => SOCKET,
  setNoDelay: () => SOCKET,
  setTimeout: () => SOCKET,
  removeListener: () => SOCKET,
};

type Done = (error?: Error | null) => void;

export class AwsRequest extends Writable {
  readonly socket = SOCKET;
  readonly #head: Omit<WireRequest, "body">;
  readonly #ask: Ask;
  readonly #written: Buffer[] = [];
  #isAnswered = false;

  constructor(options: RequestOptions, ask: Ask, onResponse?: OnResponse) {
    // A ClientRequest outlives what is written: it closes with its reply.
    super({ autoDestroy: false });
    this.#head = headOf(options);
    this.#ask = ask;
    if (onResponse) this.once("response", onResponse);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#written.push(chunk);
    done();
  }

  override _final(done: Done): void {
    done();
    void this.#send();
  }

  override _destroy(error: Error | null, done: Done): void {
    done(error ?? (this.#isAnswered ? null : connectionLost()));
  }

  async #send(): Promise<void> {
    const [only, ...more] = this.#written;
    const body = only && more.length === 0 ? only : Buffer.concat(this.#written);
    try {
      const reply = await this.#ask({ ...this.#head, body });
      if (this.destroyed) return;
      this.#isAnswered = true;
      const response = new AwsResponse(reply);
      response.once("close", () => this.destroy());
      if (!this.emit("response", response)) response.resume();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

class AwsResponse extends Readable {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  complete = false;

  constructor({ status, headers, body }: WireResponse) {
    super();
    this.statusCode = status;
    this.headers = { "content-length": String(Buffer.byteLength(body)), ...headers };
    if (body.length > 0) this.push(body);
    this.push(null);
    this.once("end", () => (this.complete = true));
  }

  override _read(): void {
    // All of it was pushed at once.
  }
}

function headOf({ hostname, host, method = "GET", path = "/", headers = {} }: RequestOptions) {
  const [pathname = "/", ...query] = (path ?? "/").split("?");
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    validateHeaderValue(name, text);
    flat[name.toLowerCase()] = text;
  }
  const name = (hostname ?? host ?? "").replace(/:\d+$/, "");
  return { method, host: name, path: pathname, query: query.join("?"), headers: flat };
}

/** As Node words it. */
const connectionLost = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
