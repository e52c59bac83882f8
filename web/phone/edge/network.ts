/** The browser's word on the network, and whether the page is in the background. */
import type { ConnectionWorld } from "../state/connection.ts";

export const browserNetwork: ConnectionWorld["network"] = {
  isThere: () => navigator.onLine,
  onChange(listener) {
    addEventListener("online", listener);
    addEventListener("offline", listener);
  },
};

export const isHidden = (): boolean => document.visibilityState === "hidden";

export const onHidden = (listener: () => void): void =>
  document.addEventListener("visibilitychange", listener);
