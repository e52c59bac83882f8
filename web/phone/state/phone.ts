/**
 * The phone as this page shows it. A page has no system to report a call to, so what is known by its push alone is not shown: it
 * rings once the server, or its silence, says so.
 */
import type { Me } from "../../../packages/client/src/engine/call-facts.ts";
import { createEngine, type Engine, type EngineWorld } from "../../../packages/client/src/engine/engine.ts";
import type { Button } from "../../../packages/client/src/engine/events-and-deeds.ts";
import type { Other, Screen } from "../../../packages/client/src/engine/screen.ts";
import type { MediaKind } from "../../../packages/client/src/wire/contract.ts";
import type { Push } from "../../../packages/client/src/wire/pushes.ts";

export type { EngineWorld as PhoneWorld, Me };

/** What this page shows: it never sees a call that is only coming in. */
export type Shown = Exclude<Screen, { kind: "incoming" }>;

export interface Phone extends Pick<Engine, "subscribe" | "start" | "updated" | "subscribed" | "leavePage"> {
  screen(): Shown;
  /** `more`: clients that ring beside the other one. */
  dial(other: Other, media: MediaKind, more?: readonly string[]): void;
  /** The call that another phone of the same person is in comes here. */
  takeOver(callId: string): void;
  press(button: Button): void;
  pushed(push: Push): void;
}

export function createPhone(world: EngineWorld): Phone {
  const engine = createEngine(world);
  let shown: Shown = { kind: "idle" };
  return {
    screen() {
      const screen = engine.screen();
      const isHidden = screen.kind === "incoming" || (screen.kind === "ended" && screen.unheard);
      if (!isHidden) shown = screen;
      return shown;
    },
    subscribe: (listener) => engine.subscribe(listener),
    start: () => engine.start(),
    dial: (other, media, more) => engine.dial(other, media, more),
    takeOver: (callId) => void engine.happen({ is: "return", callId, takeOver: true }),
    press: (button) => void engine.press(button),
    pushed: (push) => void engine.pushed(push),
    updated: (facts) => engine.updated(facts),
    subscribed: () => engine.subscribed(),
    leavePage: () => engine.leavePage(),
  };
}
