/** A signed-in phone: people, calls and oneself on one side, the call on the other; on a small screen the call covers the rest. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { Ring } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import type { Person } from "../state/people.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { CallHistory } from "./call-history.tsx";
import { CallPane } from "./call-pane.tsx";
import { PeopleList } from "./people-list.tsx";
import { useStore } from "./use-store.tsx";
import { You } from "./you.tsx";
import "./home.css";

const TABS = ["people", "calls", "you"] as const;
type Tab = (typeof TABS)[number];
const NAMES: Readonly<Record<Tab, string>> = { people: "People", calls: "Calls", you: "You" };

interface HomePageProps {
  readonly home: Home;
  readonly person: Person;
  readonly isLocal: boolean;
  readonly onSignOut: () => void;
}

export function HomePage({ home, person, isLocal, onSignOut }: HomePageProps) {
  const screen = useScreen(home);
  const tab = useTab();
  const { missed } = useStore(home.history);
  const { silentUntilMs } = useStore(home.peace);
  return (
    <main className="home" data-screen={screen.kind}>
      <div className="lists">
        <header className="brand">
          <Ring state="idle" size={32} />
          <span className="who">
            {person.firstName} {person.lastName}
          </span>
          {silentUntilMs !== undefined && <span className="silent">Do not disturb</span>}
        </header>
        <div className="tab">
          {tab === "people" && <PeopleList home={home} />}
          {tab === "calls" && <CallHistory home={home} />}
          {tab === "you" && <You home={home} isLocal={isLocal} onSignOut={onSignOut} />}
        </div>
        <nav aria-label="Pages">
          {TABS.map((name) => (
            <a key={name} href={`#${name}`} aria-current={name === tab ? "page" : undefined}>
              {NAMES[name]}
              {name === "calls" && missed > 0 && (
                <span className="badge">
                  {missed} <span className="visually-hidden">missed</span>
                </span>
              )}
            </a>
          ))}
        </nav>
      </div>
      <CallPane home={home} screen={screen} />
    </main>
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
