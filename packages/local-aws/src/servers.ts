/** The ports of the local runtime: the app with its pages, the same over TLS, and the AWS APIs. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { realTimeServer } from "./appsync/real-time/web-socket.ts";
import { awsPortOf } from "./aws-port.ts";
import type { LocalAws } from "./local-aws.ts";
import { APP_BODY } from "./http-api/http-api.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import { signallingServer } from "./ivs-realtime/signalling-socket.ts";
import { type Listener, type ListenerOptions, LOOPBACK, openListener, type Upgrade } from "./listener.ts";
import { type OwnHosts, ownHosts, ownOrigins } from "./own-hosts.ts";
import type { Runtime } from "./runtime.ts";
import type { Certificate } from "./tls-certificate.ts";
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
  /** Names under which this machine is reached, besides its own. */
  readonly hosts?: readonly string[];
  /** Origins of pages that may ask the AWS port, besides those served here. */
  readonly origins?: readonly string[];
}

export interface Servers {
  readonly port: number;
  readonly awsPort: number;
  /** Undefined without `tls`. */
  readonly tlsPort: number | undefined;
  close(): Promise<void>;
}

type Respond = (request: WireRequest & { readonly sourceIp: string }) => Promise<Reply>;

/** What one port answers, and what it does not let in. */
interface Port {
  readonly respond: Respond;
  /** The largest body that this request may have, and the answer to a larger one. */
  limit(message: IncomingMessage): BodyLimit;
}

interface BodyLimit {
  readonly bytes: number;
  readonly refusal: () => HttpResponse;
}

/** A client that is refused while it sends may finish reading the refusal. */
const LINGERS_MS = 1_000;

export async function listen(runtime: Runtime, options: ListenOptions): Promise<Servers> {
  const { port, awsPort, tls, pages, origins } = options;
  const realTime = realTimeServer(runtime.appsync);
  const signalling = signallingServer(runtime.ivs, runtime.localAws.clock);
  const hosts = ownHosts(options.hosts);
  const serving =
    (at: Port): RequestListener =>
    (message, reply) =>
      void serve(message, reply, { ...at, hosts, localAws: runtime.localAws });
  const serveApp = serving({
    respond: async (request) => (await pages?.(request)) ?? runtime.http(request),
    limit: () => APP_BODY,
  });
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
    const upgrade: Upgrade = (request, socket, head) => {
      const refused = hosts.refusal(request.headers);
      if (refused)
        return void socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      (signalling.serves(request) ? signalling : realTime).upgrade(request, socket, head);
    };
    const app = { serve: serveApp, upgrade };
    const http = await open({ ...app, port, flag: "--port" });
    const tlsPort = tls && (await open({ ...app, ...tls, flag: "--tls-port" }));
    const awsServer = awsPortOf(runtime, ownOrigins({ http, tls: tlsPort }, origins));
    return {
      port: http,
      awsPort: await open({ serve: serving(awsServer), port: awsPort, flag: "--aws-port" }),
      tlsPort,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Serving = Port & { readonly hosts: OwnHosts; readonly localAws: LocalAws };

async function serve(message: IncomingMessage, reply: ServerResponse, serving: Serving): Promise<void> {
  try {
    const refused = serving.hosts.refusal(message.headers);
    if (refused) return refuse(message, reply, serving, forbidden(refused));
    const limit = serving.limit(message);
    const body = await readBody(message, limit.bytes);
    if (!body) return refuse(message, reply, serving, limit.refusal());
    const sourceIp = message.socket.remoteAddress ?? LOOPBACK;
    const response = await serving.respond({ ...wireRequestOf(message, body), sourceIp });
    // What a reply says is true after a restart as well.
    serving.localAws.store.flush();
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

const forbidden = (message: string): HttpResponse => ({
  status: 403,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message }),
});

/** Answers a request whose body is not read, and ends its connection. */
function refuse(
  message: IncomingMessage,
  reply: ServerResponse,
  { localAws }: Serving,
  { status, headers, body }: HttpResponse,
): void {
  reply.writeHead(status, { ...headers, connection: "close" });
  reply.end(body, () => {
    message.resume();
    localAws.clock.after(LINGERS_MS, () => message.destroy());
  });
}
