/** Whether a call shows a notification while the page is in the background. */
import type { Home } from "../open-phone.ts";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

export function NotificationsSetting({ home }: { readonly home: Pick<Home, "notifications"> }) {
  const { notifications } = home;
  const { t } = useLanguage();
  const state = useStore(notifications);
  if (state === "unsupported") return null;
  const said = {
    ask: t.you.notificationsAsk,
    on: t.you.notificationsOn,
    refused: t.you.notificationsRefused,
  }[state];
  return (
    <section className="setting">
      <h2>{t.you.notifications}</h2>
      <p className="quiet" aria-live="polite">
        {said}
      </p>
      {state === "ask" && (
        <button type="button" className="button" onClick={() => notifications.allow()}>
          {t.you.allowNotifications}
        </button>
      )}
    </section>
  );
}
