/** Clients: found by the beginning of a name, or by an id. */
import type * as z from "zod/mini";
import { clientsSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { nameOf, shortId } from "../state/words.ts";
import { Moment } from "./moment.tsx";
import { Link, replaceWith } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";

type ClientsRoute = Extract<Route, { page: "clients" }>;

export function ClientsPage({ route }: { readonly route: ClientsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", clientsSchema);
  return (
    <Page
      title="Clients"
      facts={facts}
      before={
        <search className="filters">
          <label className="field grow">
            <span>Name or id</span>
            <input
              type="search"
              placeholder="Alice"
              defaultValue={route.search}
              onChange={({ target }) => replaceWith({ page: "clients", search: target.value.trim() })}
            />
          </label>
        </search>
      }
    >
      {(found) =>
        found.clients.length === 0 ? (
          <Nobody route={route} nextPage={found.nextPage} />
        ) : (
          <Found route={route} found={found} />
        )
      }
    </Page>
  );
}

interface NobodyProps {
  readonly route: ClientsRoute;
  readonly nextPage: string | undefined;
}

/** People are looked through first, then clients whose person is not in the directory. */
function Nobody({ route, nextPage }: NobodyProps) {
  if (nextPage !== undefined) {
    return (
      <Empty title="Nobody in the directory">
        <Link to={{ ...route, next: nextPage }}>Show clients without a name</Link>
      </Empty>
    );
  }
  return (
    <Empty title={route.search === "" ? "No client yet" : "Nobody fits"}>
      {route.search === ""
        ? "A client is there once a phone has registered."
        : "Search by the beginning of a first or last name, or by a whole client id."}
    </Empty>
  );
}

interface FoundProps {
  readonly route: ClientsRoute;
  readonly found: z.output<typeof clientsSchema>;
}

function Found({ route, found: { clients, nextPage } }: FoundProps) {
  const nowMs = useNow(false);
  return (
    <>
      <Scroller label="Table of clients">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Client</th>
              <th scope="col">Last seen</th>
              <th scope="col">In a call</th>
            </tr>
          </thead>
          <tbody>
            {clients.map(({ clientId, name, lastSeenAtMs, activeCallId }) => (
              <tr key={clientId}>
                <td>
                  <Link to={{ page: "client", clientId }}>{nameOf({ clientId, name })}</Link>
                </td>
                <td>
                  <code>{clientId}</code>
                </td>
                <td>{lastSeenAtMs === undefined ? "–" : <Moment atMs={lastSeenAtMs} nowMs={nowMs} />}</td>
                <td>
                  {activeCallId === undefined ? (
                    "–"
                  ) : (
                    <Link to={{ page: "call", callId: activeCallId }}>{shortId(activeCallId)}</Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {nextPage !== undefined && (
        <p className="pager">
          <Link to={{ ...route, next: nextPage }}>More</Link>
        </p>
      )}
    </>
  );
}
