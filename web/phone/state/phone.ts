/** The phone: keeps its state, and does what phone-state.ts says is to be done. */
import type { Media } from "../../../calls/call.ts";
import type { CallFacts } from "./call-facts.ts";
import * as requests from "./call-requests.ts";
import type { Button, Deed, PhoneEvent } from "./events-and-deeds.ts";
import { listeners } from "./listeners.ts";
import { step } from "./phone-state.ts";
import type { Push } from "./pushes.ts";
import type { Room, RoomEvent } from "./room.ts";
import { type Other, type PhoneState, type Screen, START, talkOf } from "./screen.ts";

export interface PhoneWorld extends Omit<requests.Asking, "screen" | "happen"> {
  readonly room: Pick<Room, "prepare" | "join" | "leave" | "onEvent">;
  /** The call of this page: survives that it is loaded again. */
  readonly memory: { read(): string | undefined; write(callId: string | undefined): void };
}

export interface Phone {
  screen(): Screen;
  subscribe(listener: () => void): () => void;
  /** Goes back to the call that the page was in before it was loaded again. */
  start(): void;
  dial(other: Other, media: Media): void;
  press(button: Button): void;
  pushed(push: Push): void;
  updated(facts: CallFacts): void;
  /** Updates flow (again): how the call stands, or whether there is one, has to be read once. */
  subscribed(): void;
  /** The page goes away, the call stays: when the page loads again, it comes back to the call. */
  leavePage(): void;
}

export function createPhone(world: PhoneWorld): Phone {
  const watchers = listeners();
  let state: PhoneState = START;
  const acting: Acting = { ...world, happen, screen: () => state.screen };

  function happen(event: PhoneEvent): void {
    const before = state.screen;
    const { state: next, deeds } = step(state, event, world.clock.now(), world.me);
    state = next;
    if (before !== next.screen) {
      world.memory.write(talkOf(next.screen)?.callId);
      watchers.tell();
    }
    for (const deed of deeds) perform(acting, deed);
  }

  const lookAt = (callId: string | undefined, resume: boolean): void => {
    if (callId) perform(acting, { do: "look", callId, resume });
  };
  world.room.onEvent((event) => happen(ofRoom(event)));
  return {
    screen: () => state.screen,
    subscribe: (listener) => watchers.subscribe(listener),
    start: () => lookAt(world.memory.read(), true),
    dial: (other, media) => happen({ is: "dialled", other, media }),
    press: (button) => happen({ is: button }),
    pushed: (push) => happen({ is: "pushed", push }),
    updated: (facts) => happen({ is: "updated", facts }),
    subscribed() {
      const callId = talkOf(state.screen)?.callId;
      if (callId) lookAt(callId, false);
      else void requests.lookForCall(acting);
    },
    leavePage: () => world.room.leave(),
  };
}

type Acting = PhoneWorld & requests.Asking;

function perform(acting: Acting, deed: Deed): void {
  const { clock, room, happen } = acting;
  switch (deed.do) {
    case "prepare":
      return room.prepare(deed.media);
    case "initiate":
      return void requests.initiate(acting, deed);
    case "look":
      return void requests.look(acting, deed);
    case "acknowledge":
      return void requests.acknowledge(acting, deed.callId);
    case "answer":
      return void requests.answer(acting, deed.callId);
    case "decline":
      return void requests.decline(acting, deed.callId);
    case "end":
      return void requests.end(acting, deed.callId);
    case "rejoin":
      return void clock.after(deed.afterMs, () => void requests.rejoin(acting, deed.callId));
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
