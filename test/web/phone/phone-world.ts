/** A phone in virtual time, beside a server and a stage whose replies and events come from the test. */
import { vi } from "vitest";
import { factsOfUpdate, type Me } from "../../../packages/client/src/engine/call-facts.ts";
import type { Outcome, Problem } from "../../../packages/client/src/wire/problem.ts";
import type { CallView } from "../../../packages/client/src/wire/replies.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { createPhone, type Phone } from "../../../web/phone/state/phone.ts";
import { parsePush, type Push } from "../../../packages/client/src/wire/pushes.ts";
import type { RoomEvent } from "../../../web/phone/state/room.ts";
import { talkOf } from "../../../packages/client/src/engine/screen.ts";

export const ALICE = "alice-client";
export const BOB = "bob-client";
export const CALL = "0190a5a0-0000-7000-8000-000000000001";
export const NOW_MS = 1_767_258_000_000;
export const RING_UNTIL_MS = NOW_MS + 45_000;

type Sent = {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly key?: string;
};
type Answer = Outcome<unknown> | Promise<Outcome<unknown>>;

export interface World {
  readonly phone: Phone;
  /** The requests of the phone, oldest first, each with its action. */
  readonly sent: Sent[];
  readonly room: string[];
  /** The next replies to an action, the last of which is repeated. Without replies the network is down. */
  replies(action: string, ...answers: Answer[]): void;
  stage(event: Partial<RoomEvent> & Pick<RoomEvent, "is">): void;
  update(call: Partial<OwnCall>): void;
  push(data: Partial<Record<keyof Push, string>>): void;
  kind(): string;
  /** The actions of the requests, in order. */
  actions(): string[];
  memory(): string | undefined;
  wait(ms?: number): Promise<void>;
}

export const clock = {
  now: () => Date.now(),
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

interface WorldOptions {
  readonly me?: Me;
  /** What the page remembers from before it was loaded. */
  readonly remembered?: string;
}

export function phoneWorld({
  me = { clientId: ALICE, deviceId: "web-1" },
  remembered,
}: WorldOptions = {}): World {
  vi.useFakeTimers({ now: NOW_MS });
  const sent: Sent[] = [];
  const room: string[] = [];
  const replies = new Map<string, Answer[]>();
  let tell: (event: RoomEvent) => void = () => undefined;
  let memory = remembered;
  let keys = 0;
  const send = async (action: string, input: Sent["input"], options?: { idempotencyKey?: string }) => {
    sent.push({ action, input, ...(options?.idempotencyKey && { key: options.idempotencyKey }) });
    const queue = replies.get(action) ?? [NETWORK_DOWN];
    return (queue.length > 1 ? queue.shift() : queue[0]) ?? NETWORK_DOWN;
  };
  const phone = createPhone({
    me,
    clock,
    commands: { send } as Commands, // the test gives the replies
    room: {
      prepare: (media) => void room.push(`prepare ${media}`),
      join: (callId, token) => void room.push(`join ${callId} ${token}`),
      leave: () => void room.push("leave"),
      onEvent: (listener) => void (tell = listener),
    },
    memory: { read: () => memory, write: (callId) => void (memory = callId) },
    newKey: () => `key-${(keys += 1)}`,
  });
  return {
    phone,
    sent,
    room,
    replies: (action, ...answers) => void replies.set(action, answers),
    stage: (event) =>
      tell({ callId: talkOf(phone.screen())?.callId ?? CALL, how: "broken", ...event } as RoomEvent), // built from a part
    update: (call) => phone.updated(factsOfUpdate(ownCall(call))),
    push(data) {
      const push = parsePush({ ...INCOMING, ...data });
      if (push) phone.pushed(push);
    },
    kind: () => phone.screen().kind,
    actions: () => sent.map(({ action }) => action),
    memory: () => memory,
    wait: async (ms = 0) => void (await vi.advanceTimersByTimeAsync(ms)),
  };
}

export const ok = (value: unknown): Outcome<unknown> => ({ ok: true, value });
export const refused = (problem: Partial<Problem>): Outcome<unknown> => ({
  ok: false,
  problem: { code: "unexpected", title: "No", detail: "", ...problem },
});
export const NETWORK_DOWN = refused({ code: "network" });

/** Alice calls Bob. */
export function view(call: Partial<CallView> = {}, callee: Partial<CallView["legs"][number]> = {}): CallView {
  return {
    callId: CALL,
    status: "calling",
    media: "video",
    callerId: ALICE,
    calleeId: BOB,
    version: 1,
    ringUntilMs: RING_UNTIL_MS,
    legs: [
      { clientId: ALICE, role: "caller", status: "joined" },
      { clientId: BOB, role: "callee", status: "invited", ...callee },
    ],
    ...call,
  };
}

export const answeredView = (call: Partial<CallView> = {}, callee: Partial<CallView["legs"][number]> = {}) =>
  view({ status: "answered", answeredAtMs: NOW_MS, version: 5, ...call }, { status: "joined", ...callee });

/** An update for Alice, the caller. */
export const ownCall = (call: Partial<OwnCall> = {}): OwnCall => ({
  callId: CALL,
  version: 2,
  status: "calling",
  role: "caller",
  legStatus: "joined",
  otherClientId: BOB,
  media: "video",
  createdAtMs: NOW_MS,
  ringUntilMs: RING_UNTIL_MS,
  serverNowMs: NOW_MS,
  ...call,
});

/** Alice calls Bob: the push that his phone gets. */
const INCOMING = {
  v: "1",
  type: "incoming_call",
  call_id: CALL,
  caller_id: ALICE,
  caller_name: "Alice Adams",
  receiver_id: BOB,
  media: "video",
  ring_expires_at_ms: String(RING_UNTIL_MS),
};
