/** Do not disturb: for an hour, until the morning, or until a time. */
import { type SubmitEvent, useState } from "react";
import type { Home } from "../open-phone.ts";
import { morningAfter, nextTime } from "../state/peace.ts";
import { fieldsOf } from "./field.tsx";
import { useLanguage } from "./use-language.tsx";
import { useNow, useStore } from "./use-store.tsx";

const HOUR_MS = 3_600_000;

export function SilenceSetting({ home: { peace, clock } }: { readonly home: Pick<Home, "peace" | "clock"> }) {
  const { t, formats } = useLanguage();
  const { silentUntilMs, busy } = useStore(peace);
  const morning = morningAfter(useNow(clock));
  const [hasForm, setForm] = useState(false);
  const set = (event: SubmitEvent<HTMLFormElement>): void => {
    const untilMs = nextTime(clock.now(), fieldsOf(event)("time"));
    if (untilMs !== undefined) peace.silence(untilMs);
    setForm(false);
  };
  return (
    <section className="setting">
      <h2>{t.you.doNotDisturb}</h2>
      <p className="quiet" aria-live="polite">
        {silentUntilMs === undefined
          ? t.you.callsRing
          : t.you.noRingUntil(formats.weekdayTime(silentUntilMs))}
      </p>
      <div className="choices">
        {silentUntilMs !== undefined && (
          <button type="button" className="button act" disabled={busy} onClick={() => peace.silence(null)}>
            {t.you.letRing}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => peace.silence(clock.now() + HOUR_MS)}
        >
          {t.you.oneHour}
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => peace.silence(morning)}>
          {t.you.until(formats.weekdayTime(morning))}
        </button>
        {!hasForm && (
          <button type="button" className="button" disabled={busy} onClick={() => setForm(true)}>
            {t.you.untilTime}
          </button>
        )}
      </div>
      {hasForm && (
        <form className="choices" onSubmit={set}>
          <label className="field">
            <span>{t.you.untilTime}</span>
            <input type="time" name="time" required />
          </label>
          <button type="submit" className="button" disabled={busy}>
            {t.you.setTime}
          </button>
        </form>
      )}
    </section>
  );
}
