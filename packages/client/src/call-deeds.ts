/** What an app does with a call, done by the phone that holds it. */
import type { Call, CallDeeds } from "./call.ts";
import type { CallsShown } from "./calls-shown.ts";
import type { Me } from "./engine/call-facts.ts";
import type { Engine } from "./engine/engine.ts";
import type { CurrentMedia } from "./current-media.ts";
import { PhoneError, valueOf } from "./phone-error.ts";
import type { Clock } from "./time/clock.ts";
import { phoneProblem } from "./wire/problem.ts";
import { type Commands, persist, REPEAT_DELAYS_MS } from "./wire/rest-api.ts";

export interface CallHolder {
  readonly calls: CallsShown;
  readonly media: Pick<CurrentMedia, "setMuted" | "setCamera">;
  readonly commands: Commands;
  readonly clock: () => Pick<Clock, "after">;
  /** Throws a PhoneError if the phone is not registered. */
  readonly line: () => { readonly me: Me; readonly engine: Engine };
  readonly takeOver: (callId: string) => Promise<void>;
}

export function callDeeds(
  { calls, media, commands, clock, line, takeOver }: CallHolder,
  call: () => Call,
): CallDeeds {
  const isWaiting = (): boolean => call() === calls.waiting();
  const isCurrent = (): boolean => call() === calls.current();
  const press = async (button: "answer" | "decline" | "hang-up"): Promise<void> => {
    if (isCurrent()) await line().engine.press(button);
  };
  const decline = async (): Promise<void> => {
    if (isWaiting()) await line().engine.happen({ is: "decline-waiting" });
    else await press("decline");
  };
  return {
    async answer() {
      if (!isWaiting()) return press("answer");
      calls.take(call());
      await line().engine.happen({ is: "answer-waiting" });
    },
    decline,
    async hangUp() {
      const { state, snapshot: seen } = call();
      const isToAnswer = seen().direction === "incoming" && (state === "incoming" || state === "ringing");
      await (isToAnswer ? decline() : press("hang-up"));
    },
    async add(...calleeIds) {
      const { callId } = call();
      if (!callId)
        throw new PhoneError(phoneProblem("not_in_call", "The server has not named this call yet."));
      const { clientId } = line().me;
      const send = () => commands.send("addToCall", { callId, clientId, calleeIds });
      valueOf(await persist(clock(), REPEAT_DELAYS_MS.length, send));
    },
    async rejoin() {
      const { callId } = call();
      if (callId && call().state === "ended") await takeOver(callId);
    },
    setMuted: (muted) => isCurrent() && media.setMuted(muted),
    setCamera: (on) => isCurrent() && media.setCamera(on),
  };
}
