/**
 * Requests to LiveKit's server: its RoomService by Twirp, JSON over HTTP. None is repeated here: queues repeat what failed, at the
 * caller's pace. Replies name their members in snake case, and say 64-bit numbers as strings.
 */
import * as z from "zod/mini";
import type { ReadApiKeys } from "./api-keys.ts";
import { signedToken, type TokenClaims } from "./signed-token.ts";

/** The longest that a request may take: the server's own nodes wait up to 7.5 s for each other. */
const REQUEST_MS = 8_000;
/** A request's token is used once, at once: it is valid longer for a server whose clock is ahead. */
const TOKEN_MS = 600_000;

export interface RoomServiceWorld {
  readonly url: string;
  readonly keys: ReadApiKeys;
  readonly now: () => number;
}

type Method = "ListRooms" | "ListParticipants" | "RemoveParticipant" | "DeleteRoom";
type Grant = TokenClaims["video"];

interface Asked {
  readonly method: Method;
  readonly grant: Grant;
  readonly body: Readonly<Record<string, unknown>>;
}

const errorSchema = z.object({ code: z.string(), msg: z.string() });

/** The reply; `not found` if the room or the participant is not there; `throttled` if the server asks for patience. */
export type Reply = { readonly body: unknown } | "not found" | "throttled";

export interface RoomService {
  request(asked: Asked): Promise<Reply>;
}

export function roomService({ url, keys, now }: RoomServiceWorld): RoomService {
  // The scheme of WebSockets is the one of HTTP with other letters: ws and wss, http and https.
  const base = url.replace(/^ws/, "http").replace(/\/$/, "");
  return {
    async request({ method, grant, body }) {
      const { current } = await keys();
      const times = { nowMs: now(), expiresAtMs: now() + TOKEN_MS };
      const response = await answerOf(method, base, {
        method: "POST",
        headers: {
          authorization: `Bearer ${signedToken(current, { video: grant }, times)}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      return meaningOf(method, response);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerOf(method: Method, base: string, request: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(`${base}/twirp/livekit.RoomService/${method}`, request);
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const why = cause instanceof Error && cause.name === "TimeoutError" ? `within ${REQUEST_MS} ms` : "";
    throw new Error(`LiveKit at ${base} did not answer ${method} ${why}`.trim(), { cause });
  }
}

function meaningOf(method: Method, { status, text }: Answer): Reply {
  const body = jsonOf(text);
  if (status === 200) return { body };
  const error = errorSchema.safeParse(body).data;
  if (status === 404 && error?.code === "not_found") return "not found";
  if (status === 429 || error?.code === "resource_exhausted") return "throttled";
  throw new Error(
    `LiveKit refused ${method}: ${status} ${error ? `${error.code}: ${error.msg}` : reasonIn(text)}`,
  );
}

/** The server's own words quote the token that it refuses. What it says of a key or a clock stays. */
const reasonIn = (text: string): string => text.replace(/[\w-]+\.[\w-]+\.[\w-]{20,}/g, "…").slice(0, 200);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // words, as the server's refusals of a token are
  }
}
