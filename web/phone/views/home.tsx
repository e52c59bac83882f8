/** A signed-in phone: people, calls and oneself on one side, the call on the other; on a small screen the call covers the rest. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { Ring } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import { nameOf, type Person } from "../state/people.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { Banners } from "./banner.tsx";
import { CallHistory } from "./call-history.tsx";
import { CallPane } from "./call-pane.tsx";
import { PeopleList } from "./people-list.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";
import { You, type YouProps } from "./you.tsx";
import "./home.css";

const TABS = ["people", "calls", "you"] as const;
type Tab = (typeof TABS)[number];

interface HomePageProps extends YouProps {
  readonly person: Person;
}

export function HomePage({ home, person, ...rest }: HomePageProps) {
  const { t } = useLanguage();
  const screen = useScreen(home);
  const tab = useTab();
  const { silentUntilMs } = useStore(home.peace);
  return (
    <main className="home" data-screen={screen.kind}>
      <div className="lists">
        <header>
          <div className="brand">
            <Ring state="idle" size={32} />
            <span className="who">{nameOf(person)}</span>
            {silentUntilMs !== undefined && <span className="silent">{t.home.silent}</span>}
          </div>
          <Banners home={home} />
        </header>
        <div className="tab">
          {tab === "people" && <PeopleList home={home} />}
          {tab === "calls" && <CallHistory home={home} />}
          {tab === "you" && <You home={home} person={person} {...rest} />}
        </div>
        <Tabs home={home} tab={tab} />
      </div>
      <CallPane home={home} screen={screen} besideCalls={tab === "calls"} />
    </main>
  );
}

function Tabs({ home, tab }: { readonly home: Home; readonly tab: Tab }) {
  const { t } = useLanguage();
  const { missed } = useStore(home.history);
  return (
    <nav aria-label={t.home.pages}>
      {TABS.map((name) => (
        <a key={name} href={`#${name}`} aria-current={name === tab ? "page" : undefined}>
          {t.home[name]}
          {name === "calls" && missed > 0 && (
            <span className="badge">
              {missed} <span className="visually-hidden">{t.home.missed}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}

const useScreen = ({ phone }: Home): Screen =>
  useSyncExternalStore(
    (listener) => phone.subscribe(listener),
    () => phone.screen(),
  );

const tabOf = (hash: string): Tab => TABS.find((name) => `#${name}` === hash) ?? "people";

function useTab(): Tab {
  const [tab, setTab] = useState(() => tabOf(location.hash));
  useEffect(() => {
    const follow = (): void => setTab(tabOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return tab;
}
