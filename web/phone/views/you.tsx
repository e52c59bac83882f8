/** Oneself: the name, when not to be disturbed, whom one blocks, lines, notifications, the language, and signing out. */
import type { Home } from "../open-phone.ts";
import type { Account } from "../state/account.ts";
import type { Person } from "../state/people.ts";
import { saidOfProblem } from "../state/words.ts";
import { LanguageChoice } from "./language-choice.tsx";
import { LinesSetting } from "./lines-setting.tsx";
import { NameSetting } from "./name-setting.tsx";
import { NotificationsSetting } from "./notifications-setting.tsx";
import { SilenceSetting } from "./silence-setting.tsx";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";
import "./you.css";

export interface YouProps {
  readonly home: Home;
  readonly account: Account;
  readonly person: Person;
  readonly isLocal: boolean;
  readonly onSignOut: () => void;
}

export function You({ home, account, person, isLocal, onSignOut }: YouProps) {
  const { t } = useLanguage();
  const { problem } = useStore(home.peace);
  return (
    <>
      <h1 className="page-title">{t.you.title}</h1>
      {problem && (
        <p className="notice wrong" role="alert">
          {saidOfProblem(t, problem).title}
        </p>
      )}
      <NameSetting account={account} person={person} />
      <SilenceSetting home={home} />
      <Blocked home={home} />
      <LinesSetting home={home} first={person.clientId ?? undefined} />
      <NotificationsSetting home={home} />
      <section className="setting">
        <LanguageChoice />
      </section>
      <section className="setting">
        <h2>{t.you.phone}</h2>
        <p className="quiet">{isLocal ? t.you.tabIsPhone : t.you.pageIsPhone}</p>
        <button type="button" className="button" onClick={onSignOut}>
          {t.you.signOut}
        </button>
      </section>
    </>
  );
}

function Blocked({ home }: Pick<YouProps, "home">) {
  const { t } = useLanguage();
  const { peace } = home;
  const { blocked, busy } = useStore(peace);
  const nameOf = useNames(home);
  return (
    <section className="setting">
      <h2>{t.you.blocked}</h2>
      {blocked.size === 0 && <p className="quiet">{t.you.noneBlocked}</p>}
      <ul className="rows">
        {[...blocked].map((clientId) => (
          <li key={clientId} className="row">
            <span className="name">{nameOf(clientId)}</span>
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => peace.block(clientId, false)}
            >
              {t.you.unblock}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
