/** Why a request came to nothing, and what may be tried again. */
import { type Ending, OVER_REASONS, type ProblemCode } from "./contract.ts";
import { ifKnown, maybe, number, object, text, tryRead } from "./read.ts";

/**
 * What the phone itself says. `network`: there was no reply. `unexpected`: an answer that is none of the server's own, or newer than
 * this package. `access_token_failed`: the app's `accessToken` rejected, see `cause`. `not_registered`: `register` or `start` comes
 * first. `phone_in_call`: of this phone.
 */
export const PHONE_CODES = [
  "network",
  "unexpected",
  "access_token_failed",
  "not_registered",
  "phone_in_call",
] as const;

export interface Problem {
  /** In the server's words, or the phone's own. */
  readonly code: ProblemCode | (typeof PHONE_CODES)[number];
  readonly title: string;
  readonly detail: string;
  readonly callId?: string | undefined;
  /** With `caller_in_call` and `on_another_device`: the phone that is in that call. */
  readonly deviceId?: string | undefined;
  readonly endReason?: Ending | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** What `fetch` or the app's `accessToken` threw. */
  readonly cause?: unknown;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Worth another try: the server has not refused. */
export const isPassing = ({ code }: Problem): boolean =>
  code === "network" || code === "try_again" || code === "unexpected";

/** The same for what the other side has to hear, or has begun without the user: to renew an access token may need the network, too. */
export const mayPass = (problem: Problem): boolean =>
  isPassing(problem) || problem.code === "access_token_failed";

const problem = object({
  code: text,
  title: text,
  detail: text,
  callId: maybe(text),
  deviceId: maybe(text),
  endReason: ifKnown(OVER_REASONS),
  retryAfterSeconds: maybe(number),
});

/** What API Gateway answers by itself has no code. */
export function problemOf(status: number, body: unknown): Problem {
  const read = tryRead(problem, body);
  // The codes are the server's list: one that is newer than this package is handed on in its own words.
  if (read) return read as Problem;
  if (status === 401)
    return { code: "access_token_required", title: "You are signed out", detail: "Sign in again." };
  if (status === 429)
    return { code: "try_again", title: "Too many requests", detail: "The server asks for a pause." };
  return unexpected(`HTTP ${status}`);
}

export const unexpected = (detail: string): Problem => ({
  code: "unexpected",
  title: "The server gave an answer that is not understood",
  detail,
});

const TITLES = {
  not_registered: "This phone is not registered",
  phone_in_call: "This phone is in a call",
  not_in_call: "This phone is not in that call yet",
} as const;

/** What the phone refuses by itself. */
export const phoneProblem = (code: keyof typeof TITLES, detail: string): Problem => ({
  code,
  title: TITLES[code],
  detail,
});

export const unreachable = (cause: unknown): Problem => ({
  code: "network",
  title: "The server could not be reached",
  detail: wordsOf(cause),
  cause,
});

export const tokenFailed = (cause: unknown): Problem => ({
  code: "access_token_failed",
  title: "The sign-in could not be renewed",
  detail: wordsOf(cause),
  cause,
});

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
