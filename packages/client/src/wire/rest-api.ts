/** Commands in the envelope `POST /`, over HTTP. A refusal is an outcome; what is no reply of the server's counts as none. */
import { type Clock, pause } from "../time/clock.ts";
import { isPassing, type Outcome, problemOf, tokenFailed, unexpected, unreachable } from "./problem.ts";
import { number, object, tryRead, Unreadable } from "./read.ts";
import { type Asked, REPLIES, type Reply } from "./replies.ts";

/** The part of `fetch` that is used. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchReply>;
interface FetchInit {
  method: "POST";
  headers: Record<string, string>;
  body: string;
  /** An AbortSignal, whose type differs from platform to platform. */
  signal?: never;
  keepalive?: boolean;
}
interface FetchReply {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

/** Gives an access token that is good for a while. `refresh`: the server has refused the last one, whatever its expiry says. */
export type AccessToken = (wanted: { readonly refresh: boolean }) => Promise<string>;

export interface HttpWorld {
  readonly url: string;
  readonly accessToken: AccessToken;
  readonly fetch: FetchLike;
  readonly clock: Pick<Clock, "after">;
  /** Called with the server's time as soon as a reply has said it. */
  readonly timeHeard: (serverNowMs: number) => void;
}

export interface Commands {
  send<A extends Asked>(
    action: A,
    input: Readonly<Record<string, unknown>>,
    options?: { readonly idempotencyKey?: string },
  ): Promise<Outcome<Reply<A>>>;
}

/** A request that has no reply by then has failed. */
export const REPLY_TIMEOUT_MS = 10_000;

/** Of every reply and every problem. */
const stamp = object({ serverNowMs: number });

export function restApi(world: HttpWorld): Commands {
  return {
    async send(action, input, options = {}) {
      const headers = options.idempotencyKey && { "idempotency-key": options.idempotencyKey };
      const got = await postJson(world, { action, ...input }, headers || {}, "Bearer ");
      if (!got.ok) return got;
      const { status, body } = got.value;
      const time = tryRead(stamp, body);
      if (time) world.timeHeard(time.serverNowMs);
      if (status >= 400) return { ok: false, problem: problemOf(status, body) };
      try {
        // Read by the reader of this very action; TypeScript loses that link when the action is a variable.
        return { ok: true, value: REPLIES[action](body) as never };
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        return { ok: false, problem: unexpected(`${action}: ${error.message}`) };
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A token that is refused is asked for anew, once. `scheme` stands before the token: AppSync wants none. */
export async function postJson(
  world: Omit<HttpWorld, "timeHeard">,
  body: object,
  headers: Readonly<Record<string, string>>,
  scheme = "",
): Promise<Outcome<Answer>> {
  const attempt = async (refresh: boolean): Promise<Outcome<Answer>> => {
    let token: string;
    try {
      token = await world.accessToken({ refresh });
    } catch (cause) {
      return { ok: false, problem: tokenFailed(cause) };
    }
    const signed = { ...headers, authorization: `${scheme}${token}` };
    try {
      return { ok: true, value: await inTime(world, (signal) => post(world, body, signed, signal)) };
    } catch (cause) {
      return { ok: false, problem: unreachable(cause) };
    }
  };
  const first = await attempt(false);
  return first.ok && first.value.status === 401 ? attempt(true) : first;
}

async function post(
  { url, fetch }: Pick<HttpWorld, "url" | "fetch">,
  body: object,
  headers: Readonly<Record<string, string>>,
  signal: object | undefined,
): Promise<Answer> {
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    // Whatever this platform's fetch takes: its own AbortController made it.
    ...(signal && { signal: signal as never }),
    // A page that is being left still says what it has begun to say.
    keepalive: true,
  });
  return { status: reply.status, body: await reply.json().catch(() => undefined) };
}

interface Aborting {
  readonly signal: object;
  abort(): void;
}

/** React Native has no `AbortSignal.timeout`, and a test has a clock of its own. */
async function inTime<T>(
  { clock }: Pick<HttpWorld, "clock">,
  work: (signal: object | undefined) => Promise<T>,
): Promise<T> {
  const { AbortController } = globalThis as unknown as { AbortController?: new () => Aborting };
  const abort = AbortController && new AbortController();
  let callOff: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    callOff = clock.after(REPLY_TIMEOUT_MS, () => {
      abort?.abort();
      reject(new Error(`no reply within ${REPLY_TIMEOUT_MS / 1000} s`));
    });
  });
  try {
    return await Promise.race([work(abort?.signal), late]);
  } finally {
    callOff();
  }
}

/** Pauses before each repeat of a request without a reply. */
export const REPEAT_DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;

/** The server may ask for a longer pause, within reason. */
const LONGEST_ASKED_MS = 10_000;

/** For requests that are safe to repeat: the same input with the same key is done once. A clock that ends grants a last try. */
export async function persist<T>(
  clock: Pick<Clock, "after">,
  repeats: number,
  send: () => Promise<Outcome<T>>,
  isWorthIt = isPassing,
): Promise<Outcome<T>> {
  for (const delayMs of REPEAT_DELAYS_MS.slice(0, repeats)) {
    const outcome = await send();
    if (outcome.ok || !isWorthIt(outcome.problem)) return outcome;
    const askedMs = (outcome.problem.retryAfterSeconds ?? 0) * 1_000;
    const pauseMs = Math.max(delayMs, Math.min(askedMs, LONGEST_ASKED_MS));
    if ((await pause(clock, pauseMs)) === "cut") break;
  }
  return send();
}
