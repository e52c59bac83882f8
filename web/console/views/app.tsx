/** The console: the rail, and the page that the address names. */
import { Ring } from "../../look/ring.tsx";
import type { Route } from "../state/route.ts";
import { CallPage } from "./call-page.tsx";
import { CallsPage } from "./calls-page.tsx";
import { CleanUpPage } from "./clean-up-page.tsx";
import { CleanUpsPage } from "./clean-ups-page.tsx";
import { ClientPage } from "./client-page.tsx";
import { ClientsPage } from "./clients-page.tsx";
import { DeadLettersPage } from "./dead-letters-page.tsx";
import { EventsPage } from "./events-page.tsx";
import { Link, useRoute } from "./navigation.tsx";
import { Empty, PageTitle } from "./page.tsx";
import { OverviewPage } from "./overview-page.tsx";
import { SearchBox } from "./search-box.tsx";
import { SearchPage } from "./search-page.tsx";
import { StagesPage } from "./stages-page.tsx";
import { useWorld } from "./world.tsx";
import "./app.css";

const PAGES: readonly { readonly to: Route; readonly name: string; readonly also?: Route["page"] }[] = [
  { to: { page: "calls", filter: {} }, name: "Calls", also: "call" },
  { to: { page: "overview" }, name: "Overview" },
  { to: { page: "clients", search: "" }, name: "Clients", also: "client" },
  { to: { page: "stages" }, name: "Stages" },
  { to: { page: "clean-ups" }, name: "Clean-ups", also: "clean-up" },
  { to: { page: "events", type: "", call: "", text: "" }, name: "Events" },
  { to: { page: "dead-letters" }, name: "Dead letters" },
];

export function App() {
  const route = useRoute();
  return (
    <div className="app">
      <a className="skip" href="#page">
        To the page
      </a>
      <Rail route={route} />
      <main id="page">
        <Shown route={route} />
      </main>
    </div>
  );
}

function Rail({ route }: { readonly route: Route }) {
  const { stack, region, isLocal } = useWorld().stack;
  return (
    <header className="rail">
      <p className="brand">
        <Ring state="answered" size={26} />
        <span>
          Ringmaster <span className="quiet">console</span>
        </span>
      </p>
      <SearchBox route={route} />
      <nav aria-label="Pages">
        <ul>
          {PAGES.map(({ to, name, also }) => (
            <li key={name}>
              <Link to={to} current={route.page === to.page || route.page === also}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <p className="rail-stack">
        <strong>{stack}</strong>
        <span className="quiet">{isLocal ? "runs on this machine" : region}</span>
      </p>
    </header>
  );
}

/** Each address is a page of its own: what is shown of one call says nothing of another. */
function Shown({ route }: { readonly route: Route }) {
  switch (route.page) {
    case "calls":
      return <CallsPage route={route} />;
    case "call":
      return <CallPage key={route.callId} route={route} />;
    case "search":
      return <SearchPage route={route} />;
    case "overview":
      return <OverviewPage route={route} />;
    case "clients":
      return <ClientsPage route={route} />;
    case "client":
      return <ClientPage key={route.clientId} route={route} />;
    case "stages":
      return <StagesPage route={route} />;
    case "clean-ups":
      return <CleanUpsPage route={route} />;
    case "clean-up":
      return <CleanUpPage key={route.operationId} route={route} />;
    case "events":
      return <EventsPage route={route} />;
    case "dead-letters":
      return <DeadLettersPage route={route} />;
    case "nowhere":
      return (
        <>
          <PageTitle>Nothing here</PageTitle>
          <Empty title="The console has no such page">
            <Link to={{ page: "calls", filter: {} }}>To the calls</Link>
          </Empty>
        </>
      );
  }
}
