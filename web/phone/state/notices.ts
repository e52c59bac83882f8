/** The notification of a call that rings while the page is in the background: shown once, gone as soon as it rings no more. */
import type { Phone } from "./phone.ts";

export interface Notice {
  readonly callId: string;
  readonly title: string;
}

export interface NoticesWorld {
  readonly phone: Pick<Phone, "screen" | "subscribe">;
  readonly isHidden: () => boolean;
  /** When the page goes into the background, or comes back. */
  readonly onHidden: (listener: () => void) => void;
  readonly titleOf: (screen: Extract<ReturnType<Phone["screen"]>, { kind: "ringing" }>) => string;
  readonly show: (notice: Notice) => void;
  readonly remove: (callId: string) => void;
}

export function notifyOfCalls(world: NoticesWorld): void {
  let shown: string | undefined;

  function look(): void {
    const screen = world.phone.screen();
    const callId = screen.kind === "ringing" && world.isHidden() ? screen.talk.callId : undefined;
    if (callId === shown) return;
    if (shown) world.remove(shown);
    shown = callId;
    if (callId && screen.kind === "ringing") world.show({ callId, title: world.titleOf(screen) });
  }

  world.phone.subscribe(look);
  world.onHidden(look);
}
