/** The two ports of the local runtime, on 127.0.0.1 only: the app with its pages, and the AWS APIs. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { realTimeServer } from "./appsync/real-time/web-socket.ts";
import { PERSON } from "./door.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import type { Runtime } from "./runtime.ts";
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
  readonly pages?: Pages;
}

export interface Servers {
  readonly port: number;
  readonly awsPort: number;
  close(): Promise<void>;
}

type Respond = (request: WireRequest & { readonly sourceIp: string }) => Promise<Reply>;

const LOOPBACK = "127.0.0.1";

/** A browser's SDK sends headers of its own with every version: whatever it asks for may be sent. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-expose-headers": "x-amzn-requestid, x-amzn-errortype, x-amz-function-error",
  "access-control-max-age": "86400",
};

export async function listen(runtime: Runtime, { port, awsPort, pages }: ListenOptions): Promise<Servers> {
  const app = await open(
    port,
    "--port",
    async (request) => (await pages?.(request)) ?? runtime.http(request),
  );
  const realTime = realTimeServer(runtime.appsync);
  app.on("upgrade", (message, socket, head) => realTime.upgrade(message, socket, head));
  try {
    const aws = await open(awsPort, "--aws-port", (request) => answerAws(runtime, request));
    return {
      port: portOf(app),
      awsPort: portOf(aws),
      async close() {
        realTime.close();
        await Promise.all([app, aws].map(shut));
      },
    };
  } catch (error) {
    await shut(app);
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

function open(port: number, flag: string, respond: Respond): Promise<Server> {
  const server = createServer((message, reply) => void serve(message, reply, respond));
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const busy = error.code === "EADDRINUSE";
      reject(busy ? new Error(`port ${port} is in use: choose another with ${flag} <number>`) : error);
    });
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

async function serve(message: IncomingMessage, reply: ServerResponse, respond: Respond): Promise<void> {
  try {
    const request = wireRequestOf(message, await readBody(message));
    const sourceIp = message.socket.remoteAddress ?? LOOPBACK;
    const response = await respond({ ...request, sourceIp });
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

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Kept-alive connections would hold the process open for as long as their clients like. */
async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
