/** What a person must know wherever they are on the page: calls do not ring here, or they are in a call on another phone. */
import type { Home } from "../open-phone.ts";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";
import "./banner.css";

export function Banners({ home }: { readonly home: Home }) {
  const { t } = useLanguage();
  const connection = useStore(home.connection);
  return (
    <div className="banners">
      <div aria-live="polite">
        {connection !== "here" && <p className="banner wrong">{t.connection[connection]}</p>}
      </div>
      <CallElsewhere home={home} />
    </div>
  );
}

function CallElsewhere({ home }: { readonly home: Home }) {
  const { elsewhere } = home;
  const { t } = useLanguage();
  const nameOf = useNames(home);
  const { call } = useStore(elsewhere);
  return (
    <div aria-live="polite">
      {call && (
        <div className="banner">
          <p>{t.elsewhere.with(nameOf(call.otherClientId))}</p>
          <span className="choices">
            <button type="button" className="button answer small" onClick={() => elsewhere.takeOver()}>
              {t.elsewhere.takeOver}
            </button>
            <button type="button" className="button small" onClick={() => elsewhere.end()}>
              {t.elsewhere.end}
            </button>
          </span>
        </div>
      )}
    </div>
  );
}
