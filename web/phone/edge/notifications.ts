/** The system's notifications, shown by a service worker where there is one: Android takes them from nothing else. */
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { Notice } from "../state/notices.ts";

/** `public/app/`: it waits for a click on a notification, and for nothing else. */
const WORKER = "/app/call-notices.js";
const ICON = "/app/phone-192.png";

export type NotificationsState = "unsupported" | "ask" | "on" | "refused";

export interface Notifications {
  state(): NotificationsState;
  subscribe(listener: () => void): () => void;
  /** After a press: browsers ask only then. */
  allow(): void;
  show(notice: Notice): void;
  remove(callId: string): void;
}

export function openNotifications(): Notifications {
  const watchers = listeners();
  const isSupported = "Notification" in globalThis;
  const shown = new Map<string, Notification>();
  const worker =
    "serviceWorker" in navigator
      ? navigator.serviceWorker.register(WORKER).catch(() => undefined)
      : Promise.resolve(undefined);

  async function show({ callId, title }: Notice): Promise<void> {
    const options = { tag: callId, icon: ICON, requireInteraction: true, data: { url: location.href } };
    const registration = await worker;
    if (registration?.active) return registration.showNotification(title, options);
    const notification = new Notification(title, options);
    notification.addEventListener("click", () => {
      focus();
      notification.close();
    });
    shown.set(callId, notification);
  }

  async function remove(callId: string): Promise<void> {
    shown.get(callId)?.close();
    shown.delete(callId);
    const those = await (await worker)?.getNotifications({ tag: callId });
    for (const notification of those ?? []) notification.close();
  }

  return {
    state() {
      if (!isSupported) return "unsupported";
      if (Notification.permission === "granted") return "on";
      return Notification.permission === "denied" ? "refused" : "ask";
    },
    subscribe: (listener) => watchers.subscribe(listener),
    allow: () => void Notification.requestPermission().then(() => watchers.tell()),
    show: (notice) => void (Notification.permission === "granted" && show(notice)),
    remove: (callId) => void remove(callId),
  };
}
