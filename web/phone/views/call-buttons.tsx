/** Calls a person, by audio or video. */
import { useSyncExternalStore } from "react";
import type { Home } from "../open-phone.ts";
import { Icon } from "./icon.tsx";
import { useLanguage } from "./use-language.tsx";

interface CallButtonsProps {
  readonly home: Pick<Home, "phone">;
  readonly clientId: string;
  readonly name: string;
}

export function CallButtons({ home: { phone }, clientId, name }: CallButtonsProps) {
  const { t } = useLanguage();
  const free = useFree(phone);
  const other = { clientId, name };
  return (
    <span className="call-buttons">
      <button
        type="button"
        aria-label={t.people.call(name)}
        disabled={!free}
        onClick={() => phone.dial(other, "audio")}
      >
        <Icon name="call" />
      </button>
      <button
        type="button"
        aria-label={t.people.callVideo(name)}
        disabled={!free}
        onClick={() => phone.dial(other, "video")}
      >
        <Icon name="video" />
      </button>
    </span>
  );
}

/** Whether this phone can begin a call. */
export const useFree = (phone: Home["phone"]): boolean =>
  useSyncExternalStore(
    (listener) => phone.subscribe(listener),
    () => phone.screen().kind === "idle" || phone.screen().kind === "ended",
  );
