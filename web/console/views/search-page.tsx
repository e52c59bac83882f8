/** What a search has found: people with their phones, and calls. */
import type { FoundPerson, SearchFacts } from "../state/search-facts.ts";
import { searchSchema } from "../state/search-facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { count, shortId } from "../state/words.ts";
import { CallList } from "./call-list.tsx";
import { Copyable } from "./copy.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Empty, Page, PageTitle } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";
import "./search-page.css";

type SearchRoute = Extract<Route, { page: "search" }>;

export function SearchPage({ route }: { readonly route: SearchRoute }) {
  if (route.q !== "") return <Search route={route} />;
  return (
    <>
      <header className="page-head">
        <PageTitle quietly>Search</PageTitle>
      </header>
      <Empty title="Whom are you looking for?">
        Any part of a name, user name, e-mail address, device, client id or call id.
      </Empty>
    </>
  );
}

function Search({ route }: { readonly route: SearchRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", searchSchema);
  return (
    <Page title="Search" facts={facts} quietly>
      {(found) => <Found found={found} q={route.q} />}
    </Page>
  );
}

function Found({ found, q }: { readonly found: SearchFacts; readonly q: string }) {
  const { people, morePeople, calls, looked } = found;
  const nowMs = useNow(calls.some(({ status }) => status !== "ended"));
  return (
    <>
      {people.length + calls.length === 0 && (
        <Empty title={`Nothing has “${q}” in it`}>Each word has to be somewhere in what is searched.</Empty>
      )}
      {people.length > 0 && (
        <section aria-labelledby="people">
          <h2 id="people">People</h2>
          <ul className="found-people">
            {people.map((person) => (
              <li key={person.clientId ?? person.username ?? person.name}>
                <Person person={person} nowMs={nowMs} />
              </li>
            ))}
          </ul>
          {morePeople !== undefined && (
            <p className="quiet note">And {morePeople} more: search for more of it.</p>
          )}
        </section>
      )}
      {calls.length > 0 && (
        <section aria-labelledby="found-calls">
          <h2 id="found-calls">Calls</h2>
          <CallList calls={calls} nowMs={nowMs} />
        </section>
      )}
      <Looked looked={looked} />
    </>
  );
}

interface PersonProps {
  readonly person: FoundPerson;
  readonly nowMs: number;
}

function Person({ person, nowMs }: PersonProps) {
  const { clientId, name, username, email, devices, lastSeenAtMs } = person;
  const called = name ?? username ?? (clientId === undefined ? "?" : shortId(clientId));
  return (
    <div className="found-person">
      <p className="found-name">
        {clientId === undefined ? called : <Link to={{ page: "client", clientId }}>{called}</Link>}
        <span className="quiet">{[name && username, email].filter(Boolean).join(" · ")}</span>
      </p>
      {clientId === undefined ? (
        <p className="wrong">Has no client: no phone has registered, so nothing can ring.</p>
      ) : (
        <p className="found-more">
          <Copyable text={clientId} what="client id" />
          <Link to={{ page: "calls", filter: { client: clientId } }}>Calls</Link>
          {lastSeenAtMs !== undefined && (
            <span className="quiet">
              seen <Moment atMs={lastSeenAtMs} nowMs={nowMs} />
            </span>
          )}
        </p>
      )}
      {devices.map((device) => (
        <p key={device} className="found-more">
          Device <Copyable text={device} what="device id" />
        </p>
      ))}
    </div>
  );
}

/** What was looked through, so that nothing found means something. */
function Looked({ looked }: { readonly looked: SearchFacts["looked"] }) {
  const { people, everyPerson, users, everyUser, usersProblem, callIds, everyCallId } = looked;
  const parts = [
    everyPerson ? count(people, "person", "people") : `the first ${people} people`,
    usersProblem === undefined &&
      (everyUser ? count(users, "e-mail address", "e-mail addresses") : `the beginnings of e-mail addresses`),
    callIds !== undefined && (everyCallId ? count(callIds, "call", "calls") : `the latest ${callIds} calls`),
  ].filter(Boolean);
  return (
    <p className="quiet note looked">
      Looked through {parts.join(", ")}.
      {usersProblem !== undefined && ` E-mail addresses were not: ${usersProblem}.`}
    </p>
  );
}
