/** Keeps the state of a phone, and does what phone-state.ts says is to be done. */
import { listeners } from "../listeners.ts";
import type { Ending, MediaKind } from "../wire/contract.ts";
import { endingOf, type Push } from "../wire/pushes.ts";
import { type CallFacts, isLive } from "./call-facts.ts";
import * as requests from "./call-requests.ts";
import type { Button, Deed, Loss, PhoneEvent, Step } from "./events-and-deeds.ts";
import { step } from "./phone-state.ts";
import { fateOf, type PushFate } from "./ringing.ts";
import { type Other, type PhoneState, type Screen, START, talkOf } from "./screen.ts";

export type RoomEvent =
  | { readonly is: "connected"; readonly callId: string }
  | { readonly is: "lost"; readonly callId: string; readonly how: Loss }
  /** The last other participant has left. */
  | { readonly is: "alone"; readonly callId: string };

/** The stage of a call as a phone uses it. */
export interface EngineRoom {
  /** A call is being placed or answered: microphone and camera will be needed. */
  prepare(media: MediaKind): void;
  join(callId: string, token: string): void;
  leave(): void;
  onEvent(listener: (event: RoomEvent) => void): void;
}

export interface EngineWorld extends Omit<requests.Asking, "screen" | "happen"> {
  readonly room: EngineRoom;
  /** The call of this phone: survives that the app ends and starts. */
  readonly memory: { read(): string | undefined; write(callId: string | undefined): void };
  /** The server's word on the end of a call, also of one that the screen has left. */
  readonly ended?: (callId: string, ending: Ending) => void;
}

export interface Engine {
  screen(): Screen;
  /** The second call, which waits. */
  waiting(): Push | undefined;
  subscribe(listener: () => void): () => void;
  /** Goes back to the call that the phone was in before the app ended. */
  start(): void;
  dial(other: Other, media: MediaKind, more?: readonly string[]): void;
  /** Settles when the requests that follow at once are done, repeats included. */
  press(button: Button): Promise<void>;
  happen(event: PhoneEvent): Promise<void>;
  pushed(push: Push): PushFate;
  updated(facts: CallFacts): void;
  /** Updates flow (again): how the call stands, or whether there is one, has to be read once. */
  subscribed(): void;
  /** How the call on the screen stands is read once. */
  look(): void;
  /** The page goes away, the call stays: when the page loads again, it comes back to the call. */
  leavePage(): void;
  /** Settles when no request is under way. */
  idle(): Promise<void>;
  /** Hangs up, and from then on only ends what it has begun. A call that rings is left to the person's other phones. */
  close(): void;
}

export function createEngine(world: EngineWorld): Engine {
  const watchers = listeners();
  let state: PhoneState = START;
  let closed = false;
  const underWay = new Set<Promise<void>>();
  const acting: Acting = {
    ...world,
    screen: () => state.screen,
    happen: (event) => void happen(event),
  };

  async function happen(event: PhoneEvent): Promise<void> {
    const before = state;
    const { state: next, deeds } = closed
      ? afterwards(state, event)
      : step(state, event, world.clock.now(), world.me);
    state = next;
    // The server's word first: who is told that a call has ended is told why.
    const end = endIn(event, before);
    if (end?.ending) world.ended?.(end.callId, end.ending);
    if (before.screen !== next.screen) world.memory.write(talkOf(next.screen)?.callId);
    if (before.screen !== next.screen || before.waiting !== next.waiting) watchers.tell();
    await Promise.all(deeds.flatMap((deed) => follow(perform(acting, deed)) ?? []));
  }

  function follow(work: Promise<void> | void): Promise<void> | undefined {
    if (!work) return undefined;
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  }

  const lookAt = (callId: string | undefined, resume: boolean): void => {
    if (callId) void follow(perform(acting, { do: "look", callId, resume }));
  };
  const shown = (): string | undefined => talkOf(state.screen)?.callId;
  world.room.onEvent((event) => void happen(ofRoom(event)));
  return {
    screen: () => state.screen,
    waiting: () => state.waiting,
    subscribe: (listener) => watchers.subscribe(listener),
    start: () => lookAt(world.memory.read(), true),
    dial: (other, media, more) => void happen({ is: "dialled", other, media, ...(more && { more }) }),
    press: (button) => happen({ is: button }),
    happen,
    pushed(push) {
      const event = { is: "pushed", push, timeKnown: world.clock.isKnown?.() ?? true } as const;
      const fate = fateOf(state, event, world.clock.now(), world.me);
      void happen(event);
      return fate;
    },
    updated: (facts) => void happen({ is: "updated", facts }),
    subscribed() {
      if (shown()) lookAt(shown(), false);
      else void follow(requests.lookForCall(acting));
    },
    look: () => lookAt(shown(), false),
    leavePage: () => world.room.leave(),
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    close() {
      void happen({ is: "hang-up" });
      closed = true;
    },
  };
}

/** The reply to a dial that was given up names a call that rings. */
const afterwards = (state: PhoneState, event: PhoneEvent): Step => ({
  state,
  deeds: event.is === "admitted" ? [{ do: "end", callId: event.facts.callId }] : [],
});

interface End {
  readonly callId: string;
  readonly ending?: Ending | undefined;
}

function endIn(event: PhoneEvent, before: PhoneState): End | undefined {
  const waiting = before.waiting?.call_id;
  if (event.is === "ring-over")
    return event.callId === waiting ? { callId: waiting, ending: "missed" } : undefined;
  if (event.is === "decline-waiting") return waiting ? { callId: waiting, ending: "declined" } : undefined;
  if (event.is === "told-ending") return event;
  if ("facts" in event) return isLive(event.facts) ? undefined : event.facts;
  if (event.is !== "pushed" || event.push.type === "incoming_call") return undefined;
  return { callId: event.push.call_id, ending: endingOf(event.push) };
}

type Acting = EngineWorld & requests.Asking;

function perform(acting: Acting, deed: Deed): Promise<void> | void {
  const { clock, room, happen } = acting;
  switch (deed.do) {
    case "prepare":
      return room.prepare(deed.media);
    case "initiate":
      return requests.initiate(acting, deed);
    case "look":
      return requests.look(acting, deed);
    case "acknowledge":
      return requests.acknowledge(acting, deed.callId);
    case "answer":
      return requests.answer(acting, deed.callId);
    case "decline":
      return requests.decline(acting, deed.callId);
    case "end":
      return requests.end(acting, deed.callId);
    case "rejoin":
      return void clock.after(deed.afterMs, () => void requests.rejoin(acting, deed.callId, deed.takeOver));
    case "join":
      return room.join(deed.callId, deed.token);
    case "watch-ring": {
      const leftMs = Math.max(0, deed.atMs - clock.now());
      return void clock.after(leftMs, () => happen({ is: "ring-over", callId: deed.callId }));
    }
    case "leave":
      return room.leave();
  }
}

function ofRoom(event: RoomEvent): PhoneEvent {
  const { callId } = event;
  switch (event.is) {
    case "connected":
      return { is: "stage-connected", callId };
    case "lost":
      return { is: "stage-lost", callId, how: event.how };
    case "alone":
      return { is: "alone", callId };
  }
}
