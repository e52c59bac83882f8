/** One call, as an app holds it: what it is like now, and what can be done about it. */
import type { CallSnapshot, CallState, EndedReason } from "./call-snapshot.ts";
import { listeners } from "./listeners.ts";

export interface Call {
  readonly state: CallState;
  readonly reason: EndedReason | undefined;
  /** As soon as the server has named it. */
  readonly callId: string | undefined;
  /** Everything about it; another object once something has changed. */
  snapshot(this: void): CallSnapshot;
  subscribe(this: void, listener: () => void): () => void;
  /** Settles when the call is in one of these states, or over. */
  until(...states: CallState[]): Promise<CallSnapshot>;

  /** These settle when the server has been told, or all tries have failed; `state` goes on at once. */
  answer(): Promise<void>;
  decline(): Promise<void>;
  /** Hangs up, cancels or declines, whichever applies. */
  hangUp(): Promise<void>;
  /** Rings more people in this call. Rejects with a PhoneError. */
  add(...clientIds: string[]): Promise<void>;
  /** Back into a call that this phone has lost, or that another phone of the same person is in: that one is then out of it. */
  rejoin(): Promise<void>;

  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
}

export type CallDeeds = Pick<
  Call,
  "answer" | "decline" | "hangUp" | "add" | "rejoin" | "setMuted" | "setCamera"
>;

/** The phone's end of it. */
export interface OwnedCall {
  readonly call: Call;
  show(this: void, snapshot: CallSnapshot): void;
}

export function createCall(first: CallSnapshot, deeds: CallDeeds): OwnedCall {
  const watchers = listeners();
  let snapshot = first;
  const call: Call = {
    get state() {
      return snapshot.state;
    },
    get reason() {
      return snapshot.reason;
    },
    get callId() {
      return snapshot.callId;
    },
    snapshot: () => snapshot,
    subscribe: (listener) => watchers.subscribe(listener),
    until: (...states) =>
      new Promise((resolve) => {
        const isThere = (): boolean => snapshot.state === "ended" || states.includes(snapshot.state);
        if (isThere()) return resolve(snapshot);
        const stop = watchers.subscribe(() => {
          if (!isThere()) return;
          stop();
          resolve(snapshot);
        });
      }),
    ...deeds,
  };
  return {
    call,
    show(next) {
      if (isSame(snapshot, next)) return;
      snapshot = next;
      watchers.tell();
    },
  };
}

/** What an adapter makes anew for each look is no change; a picture or a function is the same only if it is the same object. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSame(one[name], other[name]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === Object.prototype || kind === Array.prototype;
}
