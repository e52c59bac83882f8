/** Bob's phone without a back end: it hears what a test tells it to hear. Time is the test's (`vi.useFakeTimers`). */
import { vi } from "vitest";
import { createPhone, type Phone, type PhoneOptions } from "../src/index.ts";
import { withoutMedia } from "../src/without-media.ts";
import { memoryStorage } from "./memory-storage.ts";

export const NOW_MS = 1_767_258_000_000;
const RING_MS = 45_000;
export const FIRST = "11111111-1111-4111-8111-111111111111";
export const SECOND = "22222222-2222-4222-8222-222222222222";

export interface Standing {
  readonly status: string;
  readonly mine: string;
}
/** Replies to the action; a reply with a `code` is a problem. Rejects as a network does that is gone. */
export type Answer = (input: Readonly<Record<string, string>>) => object | Promise<object>;

export interface Alone {
  readonly phone: Phone;
  /** Requests in order: the action, and the call if it names one. */
  readonly sent: string[];
  /** How calls stand, as `getCall` says it. */
  readonly calls: Map<string, Standing>;
  /** By action, in place of the ordinary replies. */
  readonly answers: Record<string, Answer>;
}

export async function phoneAlone(options: Partial<PhoneOptions> = {}): Promise<Alone> {
  const calls: Alone["calls"] = new Map();
  const sent: string[] = [];
  const answers = ordinary(calls);
  const phone = createPhone({
    apiUrl: "https://api",
    graphqlUrl: "https://api/graphql",
    accessToken: async () => "token",
    media: withoutMedia,
    storage: memoryStorage(),
    async fetch(_url, { body }) {
      const input = JSON.parse(body) as Record<string, string>;
      const { action = "", callId = "" } = input;
      sent.push(callId ? `${action} ${callId}` : action);
      const said = await (answers[action] ?? (() => viewOf(calls, callId)))(input);
      const reply = { ...said, serverNowMs: Date.now() };
      const status = "code" in said ? 409 : 200;
      return { ok: status < 400, status, json: async () => reply };
    },
    WebSocket: class {
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      send(): void {}
      close(): void {}
    },
    ...options,
  });
  await phone.register();
  return { phone, sent, calls, answers };
}

const ordinary = (calls: Alone["calls"]): Record<string, Answer> => ({
  register: () => ({ id: "bob", deviceId: "phone-1" }),
  getClient: () => ({ id: "bob", blockedIds: [] }),
  answerCall({ callId = "" }) {
    calls.set(callId, { status: "answered", mine: "joined" });
    return { ...viewOf(calls, callId), token: `token of ${callId}` };
  },
  endCall({ callId = "" }) {
    calls.delete(callId);
    return { ended: true, endReason: "completed" };
  },
});

/** Alice calls Bob. */
export function viewOf(calls: Alone["calls"], callId: string): object {
  const { status = "ended", mine = "left" } = calls.get(callId) ?? {};
  return {
    callId,
    status,
    media: "audio",
    callerId: "alice",
    calleeId: "bob",
    version: 2,
    ringUntilMs: NOW_MS + RING_MS,
    ...(status === "answered" && { answeredAtMs: NOW_MS }),
    legs: [
      { clientId: "alice", role: "caller", status: "joined" },
      { clientId: "bob", role: "callee", status: mine },
    ],
  };
}

export const push = (callId: string) => ({
  v: "1",
  type: "incoming_call",
  call_id: callId,
  caller_id: "alice",
  caller_name: "Alice",
  receiver_id: "bob",
  media: "audio",
  ring_expires_at_ms: String(NOW_MS + RING_MS),
  ring_seconds_left: String(RING_MS / 1_000),
});

export const wait = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Alice's call rings on Bob's phone. */
export async function rung(options: Partial<PhoneOptions> = {}): Promise<Alone> {
  const alone = await phoneAlone(options);
  alone.calls.set(FIRST, { status: "ringing", mine: "invited" });
  await alone.phone.handlePush(push(FIRST));
  await wait();
  return alone;
}

/** Bob has answered, and they talk. */
export async function answered(options: Partial<PhoneOptions> = {}): Promise<Alone> {
  const alone = await rung(options);
  const done = alone.phone.snapshot().call?.answer();
  await wait();
  await done;
  return alone;
}
