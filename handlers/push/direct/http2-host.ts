/**
 * Requests to one host over one HTTP/2 session, which lives as long as the function's instance.
 *
 * T1 One session at a time: requests that come while it is being opened wait for it.
 * T2 A request that lost its session before an answer began, or that the host reports as not handled (GOAWAY, a refused
 *    stream), is sent once more. A frozen instance wakes up with a dead session, so this is normal. A push sent twice
 *    names the same call, so the phone recognizes it.
 * T3 A session that was idle must answer a ping before it is trusted.
 * T4 Connecting, the ping and each attempt at a request end at a deadline.
 *
 * No error holds a path or a header: both carry tokens.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { logger, withDeadline } from "../../edge/handler.ts";

const CONNECT_MS = 1_000;
const PING_MS = 500;
const REQUEST_MS = 3_000;
/** An idle session this old may be silently dead: load balancers drop idle connections after a minute or more. */
const IDLE_MS = 30_000;
/** Replies of both push networks are a few hundred bytes. */
const LARGEST_REPLY_BYTES = 64 * 1024;

export interface Http2Request {
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

export interface Http2Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Http2Host {
  /** Opens the session early, in parallel with work that the request waits for. */
  warm(): void;
  /** Rejects if the host gave no answer. */
  post(request: Http2Request): Promise<Http2Reply>;
}

/** The host has not answered and, as far as is known, not acted. */
class Unanswered extends Error {
  override name = "Unanswered";
}

export function http2Host(origin: string, now: () => number): Http2Host {
  let current: ClientHttp2Session | undefined;
  let opening: Promise<ClientHttp2Session> | undefined;
  let usedAtMs = 0;

  async function open(): Promise<ClientHttp2Session> {
    if (current && isOpen(current) && (now() - usedAtMs < IDLE_MS || (await answersPing(current)))) {
      return current;
    }
    current?.destroy();
    const opened = await connected(origin);
    opened.once("goaway", (code: number, _last: number, data?: Buffer) => {
      logger.info("push network closes the connection", { origin, code, reason: reasonIn(data) });
      // Requests under way may finish; no new ones use it.
      if (current === opened) current = undefined;
    });
    current = opened;
    usedAtMs = now();
    return opened;
  }

  function session(): Promise<ClientHttp2Session> {
    opening ??= open().finally(() => (opening = undefined));
    return opening;
  }

  async function attempt(request: Http2Request): Promise<Http2Reply> {
    const on = await session();
    usedAtMs = now();
    try {
      return await withDeadline(REQUEST_MS, (expired) => exchange(on, request, expired));
    } catch (error) {
      // A session that does not answer gets no new request; those under way may still finish.
      if (!(error instanceof Unanswered) && current === on) {
        current = undefined;
        on.close();
      }
      throw error;
    }
  }

  return {
    // The request itself meets the same error and reports it.
    warm: () => void session().catch(() => undefined),
    async post(request) {
      try {
        return await attempt(request);
      } catch (error) {
        if (error instanceof Unanswered) return attempt(request);
        throw error;
      }
    },
  };
}

const isOpen = (session: ClientHttp2Session): boolean => !session.closed && !session.destroyed;

function connected(origin: string): Promise<ClientHttp2Session> {
  return withDeadline(CONNECT_MS, (expired) => {
    const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
    const session = connect(origin);
    const fail = (cause?: Error) =>
      reject(new Error(`no connection to ${origin}`, cause ? { cause } : undefined));
    session.once("connect", () => resolve(session));
    // Without a listener, a session's error would end the process; its requests get the error themselves.
    session.on("error", fail);
    session.once("close", () => fail());
    expired.addEventListener("abort", () => session.destroy());
    return promise;
  });
}

async function answersPing(session: ClientHttp2Session): Promise<boolean> {
  const pinged = withDeadline(PING_MS, () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const sent = session.ping((error: Error | null) => resolve(error === null));
    return sent ? promise : Promise.resolve(false);
  });
  return pinged.catch(() => false);
}

function exchange(
  session: ClientHttp2Session,
  { path, headers, body }: Http2Request,
  expired: AbortSignal,
): Promise<Http2Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Reply>();
  const stream = streamOf(session, { ":method": "POST", ":path": path, ...headers });
  let begun: IncomingHttpHeaders | undefined;
  let text = "";
  stream.once("response", (received) => (begun = received));
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > LARGEST_REPLY_BYTES) stream.close(constants.NGHTTP2_CANCEL);
  });
  stream.once("end", () => {
    if (begun) resolve({ status: Number(begun[":status"]), headers: begun, body: text });
  });
  // The stream's own error is only an HTTP/2 code.
  stream.once("error", () => undefined);
  stream.once("close", () => {
    const why = `the stream was closed with code ${stream.rstCode}`;
    reject(begun ? new Error(`an answer broke off: ${why}`) : new Unanswered(why));
  });
  expired.addEventListener("abort", () => stream.close(constants.NGHTTP2_CANCEL));
  stream.end(body);
  return promise;
}

function streamOf(session: ClientHttp2Session, headers: OutgoingHttpHeaders): ClientHttp2Stream {
  try {
    return session.request(headers);
  } catch {
    throw new Unanswered("the session closed before the request");
  }
}

/** APNs gives its reason in the GOAWAY: `{"reason": …}`. */
function reasonIn(data: Buffer | undefined): string | undefined {
  return /"reason"\s*:\s*"(\w{1,64})"/.exec(data?.toString("utf8") ?? "")?.[1];
}

/** The service's Retry-After header: seconds, or a date. */
export function retryAfter(headers: IncomingHttpHeaders, nowMs: number): { readonly retryAfterMs?: number } {
  const given = headers["retry-after"];
  if (!given) return {};
  const waitMs = /^\d{1,9}$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - nowMs;
  return waitMs > 0 ? { retryAfterMs: waitMs } : {};
}
