/**
 * The call that another phone of the same person is in. It is never one that this phone shows or has left itself: a late update of
 * that one says nothing about other phones.
 */
import type { CallView } from "../../../packages/client/src/wire/replies.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { factsOfView, isLive, type Me } from "../../../packages/client/src/engine/call-facts.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import type { Phone } from "./phone.ts";

export interface ElsewhereState {
  readonly call?: { readonly callId: string; readonly otherClientId: string } | undefined;
}

export interface Elsewhere {
  state(): ElsewhereState;
  subscribe(listener: () => void): () => void;
  updated(call: Pick<OwnCall, "callId" | "status" | "legStatus" | "otherClientId">): void;
  /** A reply about a call. */
  heard(view: CallView): void;
  takeOver(): void;
  end(): void;
}

export interface ElsewhereWorld {
  readonly me: Me;
  readonly phone: Pick<Phone, "screen" | "subscribe" | "takeOver">;
  readonly commands: Commands;
}

const MAX_OWN = 50;

export function openElsewhere({ me, phone, commands }: ElsewhereWorld): Elsewhere {
  const watchers = listeners();
  /** Calls that this phone is or was in, the latest last. */
  let own: readonly string[] = [];
  let state: ElsewhereState = {};

  function show(call: ElsewhereState["call"]): void {
    if (call?.callId === state.call?.callId) return;
    state = { call };
    watchers.tell();
  }

  function found(callId: string, otherClientId: string): void {
    const screen = phone.screen();
    // The reply to a dial may come after the update about it.
    const isFree = screen.kind === "idle" || screen.kind === "ended";
    if (isFree && !own.includes(callId)) show({ callId, otherClientId });
  }

  const over = (callId: string): void => {
    if (state.call?.callId === callId) show(undefined);
  };

  phone.subscribe(() => {
    const screen = phone.screen();
    const isHere = "line" in screen;
    if (isHere && !own.includes(screen.talk.callId)) own = [...own, screen.talk.callId].slice(-MAX_OWN);
    if (isHere) show(undefined);
    // Another phone has taken it over.
    const { callId, cause, other } = screen.kind === "ended" ? screen : {};
    const isMoved = cause === "moved" || (typeof cause === "object" && cause.code === "on_another_device");
    if (callId === undefined || !other || !isMoved) return;
    own = own.filter((id) => id !== callId);
    show({ callId, otherClientId: other.clientId });
  });

  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    updated({ callId, status, legStatus, otherClientId }) {
      if (status === "ended" || legStatus === "left") return over(callId);
      if (legStatus === "joined") found(callId, otherClientId);
    },
    heard(view) {
      const facts = factsOfView(view, me);
      if (!facts) return;
      if (!isLive(facts)) return over(facts.callId);
      if (facts.myStatus === "joined" && facts.elsewhere) found(facts.callId, facts.otherId);
    },
    takeOver() {
      const { call } = state;
      if (call) phone.takeOver(call.callId);
    },
    end() {
      const { call } = state;
      if (call) void commands.send("endCall", { callId: call.callId, ...me });
    },
  };
}
