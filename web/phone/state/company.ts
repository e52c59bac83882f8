/**
 * Who is in this phone's call, and how the part of each stands.
 *
 * Replies about a call name all its legs; an update tells of one's own part only. So the replies that the phone gets anyway are
 * listened to, and a call that others may have joined is read again when an update says that something in it has changed.
 */
import type { CallView } from "../../../packages/client/src/wire/replies.ts";
import type { Outcome } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";

export type Member = Pick<CallView["legs"][number], "clientId" | "status" | "endReason">;

export interface CompanyState {
  readonly callId?: string | undefined;
  /** Of the latest call, oneself included, in the order in which they were called. */
  readonly members: readonly Member[];
}

export interface Company {
  state(): CompanyState;
  subscribe(listener: () => void): () => void;
  /** Something has changed in a call of one's own. */
  updated(call: Pick<OwnCall, "callId" | "version" | "status">): void;
  /** Rings more people in this call. */
  add(callId: string, clientIds: readonly string[]): Promise<Outcome<CallView>>;
}

/** More than two have been in it. */
export const isGroup = ({ members }: CompanyState): boolean => members.length > 2;

type Heard = (view: CallView) => void;

/** Commands whose replies about calls are heard as well. */
export function withEars(commands: Commands, heard: Heard): Commands {
  return {
    async send(action, input, options) {
      const outcome = await commands.send(action, input, options);
      if (outcome.ok && "legs" in outcome.value) heard(outcome.value as CallView); // only views of calls have legs
      return outcome;
    },
  };
}

export interface CompanyWorld {
  readonly commands: Commands;
  readonly clientId: string;
}

export function openCompany({ commands, clientId }: CompanyWorld): Company & { heard: Heard } {
  const watchers = listeners();
  let state: CompanyState = { members: [] };
  let version = 0;

  function heard({ callId, version: at, legs }: CallView): void {
    if (!legs.some((leg) => leg.clientId === clientId)) return;
    if (state.callId === callId && at < version) return;
    version = at;
    const members = legs.map(({ clientId: id, status, endReason }) => ({ clientId: id, status, endReason }));
    state = { callId, members };
    watchers.tell();
  }

  return {
    heard,
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    updated(call) {
      if (call.callId !== state.callId || call.version <= version) return;
      // Others can be added to a call of two once it is answered. The reply is heard.
      const mayHaveChanged = call.status === "answered" || (call.status !== "ended" && isGroup(state));
      if (mayHaveChanged) void commands.send("getCall", { callId: call.callId });
    },
    add: (callId, clientIds) => commands.send("addToCall", { callId, clientId, calleeIds: clientIds }),
  };
}
