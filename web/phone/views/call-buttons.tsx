/** Calls a person, by audio or video. */
import { useSyncExternalStore } from "react";
import type { Home } from "../open-phone.ts";
import { Icon } from "./icon.tsx";

interface CallButtonsProps {
  readonly home: Home;
  readonly clientId: string;
  readonly name: string;
}

export function CallButtons({ home: { phone }, clientId, name }: CallButtonsProps) {
  const free = useSyncExternalStore(
    (listener) => phone.subscribe(listener),
    () => phone.screen().kind === "idle" || phone.screen().kind === "ended",
  );
  const other = { clientId, name };
  return (
    <span className="call-buttons">
      <button
        type="button"
        aria-label={`Call ${name}`}
        disabled={!free}
        onClick={() => phone.dial(other, "audio")}
      >
        <Icon name="call" />
      </button>
      <button
        type="button"
        aria-label={`Call ${name} with video`}
        disabled={!free}
        onClick={() => phone.dial(other, "video")}
      >
        <Icon name="video" />
      </button>
    </span>
  );
}
