/**
 * A server on a free port of 127.0.0.1 that speaks HTTP/2 and HTTP/1.1 in clear text, and the troubles of a connection
 * that a test can put on it. Virtual time stands still while it works on a request.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import http2, {
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { ownHosts } from "../own-hosts.ts";

export interface LoopbackRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoopbackReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export const retryAfterHeader = (seconds: number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { "retry-after": String(seconds) };

/**
 * `goaway`: the server goes, and has not handled this request nor later ones. `goaway after answering`: it goes, and
 * answers this one. `refuse`: it refuses this stream alone. `reset`: the connection breaks. `silence`: no answer.
 */
export type Trouble = "goaway" | "goaway after answering" | "refuse" | "reset" | "silence";

export interface LoopbackServer {
  readonly origin: string;
  /** HTTP/2 sessions that were ever opened. */
  readonly sessions: () => number;
  /** HTTP/2 requests that have come, answered or not. */
  readonly requests: () => number;
  /** The next HTTP/2 requests meet these, one each; resolves when the last has been met. */
  readonly trouble: (...troubles: Trouble[]) => Promise<void>;
  /** Breaks every connection, as a network does that forgets them. */
  readonly disconnect: () => void;
  readonly close: () => void;
}

export type Respond = (request: LoopbackRequest) => Promise<LoopbackReply> | LoopbackReply;

const hosts = ownHosts();
/** Far above what the networks take of one push. */
const MAX_BODY_BYTES = 1_048_576;
const PREFACE = "PRI * HTTP/2.0";

export async function openLoopbackServer(clock: Clock, respond: Respond): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const troubles: { readonly kind: Trouble; readonly met: () => void }[] = [];
  let [sessions, requests] = [0, 0];

  const serve = (
    message: IncomingMessage | Http2ServerRequest,
    reply: ServerResponse | Http2ServerResponse,
  ) =>
    void clock.hold(async () => {
      const refused = hosts.refusal(message.headers);
      if (refused) return write(reply, { status: 403, body: { message: refused } });
      const request = await requestOf(message).catch(() => undefined);
      if (request) write(reply, await respond(request));
    });
  const one = http.createServer(serve);
  const two = http2.createServer((message, reply) => {
    requests += 1;
    const answer = () => serve(message, reply);
    const { session, id = 0 } = message.stream;
    // What comes after the last stream that a GOAWAY named is not handled: the client sends it elsewhere.
    if (session && id > (lastStreams.get(session) ?? Infinity)) return;
    const trouble = troubles.shift();
    if (!trouble) return answer();
    make(trouble.kind, message, answer);
    trouble.met();
  });
  two.on("session", (session: ServerHttp2Session) => {
    sessions += 1;
    // A client that goes away is its own business.
    session.on("error", () => undefined);
  });

  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined).once("close", () => sockets.delete(socket)));
    socket.once("readable", () => {
      const begin = socket.read() as Buffer | null;
      if (!begin) return void socket.destroy();
      socket.unshift(begin);
      (begin.toString("latin1").startsWith(PREFACE.slice(0, begin.length)) ? two : one).emit(
        "connection",
        socket,
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  // The program that started the runtime decides whether the process stays alive.
  server.unref();
  const disconnect = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions: () => sessions,
    requests: () => requests,
    trouble: (...kinds) =>
      new Promise((resolve) => {
        const last = kinds.length - 1;
        troubles.push(...kinds.map((kind, at) => ({ kind, met: at === last ? resolve : () => undefined })));
      }),
    disconnect,
    close() {
      server.close();
      disconnect();
    },
  };
}

const NO_ERROR = http2.constants.NGHTTP2_NO_ERROR;

/** Sessions that go, and the last stream that each still handles. */
const lastStreams = new WeakMap<http2.Http2Session, number>();

function goAway(session: http2.Http2Session | undefined, last: number): void {
  if (!session) return;
  lastStreams.set(session, last);
  session.goaway(NO_ERROR, last, Buffer.from('{"reason":"Shutdown"}'));
}

function make(trouble: Trouble, { stream }: Http2ServerRequest, answer: () => void): void {
  const { session } = stream;
  const id = stream.id ?? 0;
  switch (trouble) {
    case "goaway":
      return goAway(session, Math.max(0, id - 2));
    case "goaway after answering":
      goAway(session, id);
      return answer();
    case "refuse":
      return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    case "reset":
      return session?.destroy();
    case "silence":
      return undefined;
  }
}

async function requestOf(message: IncomingMessage | Http2ServerRequest): Promise<LoopbackRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`a push has at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  const headers = Object.entries(message.headers).map(([name, value]) => [
    name,
    [value ?? ""].flat().join(", "),
  ]);
  return {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

/** Both kinds of reply have these, in types that no union can call. */
type Writable = { writeHead(status: number, headers: object): void; end(text: string): void };

function write(reply: ServerResponse | Http2ServerResponse, { status, headers, body }: LoopbackReply): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  const to = reply as unknown as Writable;
  to.writeHead(status, { ...(text !== "" && { "content-type": "application/json" }), ...headers });
  to.end(text);
}
