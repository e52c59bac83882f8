/** The ports of the local runtime: the app with its pages, the same over TLS, and the AWS APIs. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { realTimeServer } from "./appsync/real-time/web-socket.ts";
import { PERSON } from "./door.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import { signallingServer } from "./ivs-realtime/signalling-socket.ts";
import { type Listener, type ListenerOptions, LOOPBACK, openListener, type Upgrade } from "./listener.ts";
import type { Runtime } from "./runtime.ts";
import type { Store } from "./store/store.ts";
import type { Certificate } from "./tls-certificate.ts";
import { answer } from "./wire/answer.ts";
import { readBody, wireRequestOf, type WireRequest } from "./wire/http-message.ts";

/** A page that goes on: what is written reaches the client at once, until it leaves or the servers close. */
export interface StreamResponse {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  /** Starts writing; the returned function ends it. */
  stream(write: (text: string) => void): () => void;
}

type Reply = HttpResponse | StreamResponse;

/** Answers local pages, such as `GET /`; what it leaves goes to the HTTP API. */
export type Pages = (request: HttpRequest) => Promise<Reply | undefined> | Reply | undefined;

export interface ListenOptions {
  /** Port of the app; 0 takes a free one. */
  readonly port: number;
  /** Port of the AWS APIs; 0 takes a free one. */
  readonly awsPort: number;
  /** Serves the app over TLS too; 0 takes a free port. */
  readonly tls?: { readonly port: number; readonly certificate: Certificate };
  readonly pages?: Pages;
}

export interface Servers {
  readonly port: number;
  readonly awsPort: number;
  /** Undefined without `tls`. */
  readonly tlsPort: number | undefined;
  close(): Promise<void>;
}

type Respond = (request: WireRequest & { readonly sourceIp: string }) => Promise<Reply>;

/** A browser's SDK sends headers of its own with every version: whatever it asks for may be sent. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-expose-headers": "x-amzn-requestid, x-amzn-errortype, x-amz-function-error",
  "access-control-max-age": "86400",
};

export async function listen(runtime: Runtime, options: ListenOptions): Promise<Servers> {
  const { port, awsPort, tls, pages } = options;
  const { store } = runtime.door;
  const realTime = realTimeServer(runtime.appsync);
  const signalling = signallingServer(runtime.ivs, runtime.door.clock);
  const serveApp = serving(store, async (request) => (await pages?.(request)) ?? runtime.http(request));
  const serveAws = serving(store, (request) => answerAws(runtime, request));
  const opened: Listener[] = [];
  const close = async (): Promise<void> => {
    realTime.close();
    signalling.close();
    await Promise.all(opened.map((listener) => listener.close()));
  };
  const open = async (wanted: ListenerOptions): Promise<number> => {
    const listener = await openListener(wanted);
    opened.push(listener);
    return listener.port;
  };
  try {
    const upgrade: Upgrade = (request, ...connection) =>
      (signalling.serves(request) ? signalling : realTime).upgrade(request, ...connection);
    const app = { serve: serveApp, upgrade };
    return {
      port: await open({ ...app, port, flag: "--port" }),
      awsPort: await open({ serve: serveAws, port: awsPort, flag: "--aws-port" }),
      tlsPort: tls && (await open({ ...app, ...tls, flag: "--tls-port" })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answerAws(runtime: Runtime, request: WireRequest): Promise<HttpResponse> {
  if (request.method === "OPTIONS") {
    const asked = request.headers["access-control-request-headers"] ?? "*";
    return { status: 204, headers: { ...CORS, "access-control-allow-headers": asked }, body: "" };
  }
  const known = request.method === "GET" ? runtime.cognito.wellKnown(request.path) : undefined;
  if (known) {
    const headers = { ...CORS, "content-type": "application/json" };
    return { status: known.status, headers, body: textOf(known.body) };
  }
  const reply = await answer(runtime.door, request, PERSON);
  return { ...reply, headers: { ...reply.headers, ...CORS } };
}

const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

const serving =
  (store: Store, respond: Respond) =>
  (message: IncomingMessage, reply: ServerResponse): void =>
    void serve(message, reply, { store, respond });

interface Serving {
  readonly store: Store;
  readonly respond: Respond;
}

async function serve(
  message: IncomingMessage,
  reply: ServerResponse,
  { store, respond }: Serving,
): Promise<void> {
  try {
    const request = wireRequestOf(message, await readBody(message));
    const sourceIp = message.socket.remoteAddress ?? LOOPBACK;
    const response = await respond({ ...request, sourceIp });
    // What a reply says is true after a restart as well.
    store.flush();
    reply.writeHead(response.status, response.headers);
    if (!("stream" in response)) return void reply.end(response.body);
    reply.flushHeaders();
    reply.once(
      "close",
      response.stream((text) => void reply.write(text)),
    );
  } catch (error) {
    // A client that went away needs no answer; everything else is a mistake of the runtime, told in full.
    if (message.destroyed && !message.complete) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!reply.headersSent) reply.writeHead(500, { "content-type": "application/json" });
    reply.end(JSON.stringify({ message: `the local runtime failed: ${text}` }));
  }
}
