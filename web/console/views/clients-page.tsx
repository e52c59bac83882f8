/** Clients: found by the beginning of a name, or by an id. */
import { moment } from "../state/durations.ts";
import { clientsSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { nameOf, shortId } from "../state/words.ts";
import { Link, replaceWith } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";

type ClientsRoute = Extract<Route, { page: "clients" }>;

export function ClientsPage({ route }: { readonly route: ClientsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", clientsSchema);
  const nowMs = useNow(false);
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
      {({ clients, nextPage }) =>
        clients.length === 0 && nextPage === undefined ? (
          <Empty title={route.search === "" ? "No client yet" : "Nobody fits"}>
            {route.search === ""
              ? "A client is there once a phone has registered."
              : "Search by the beginning of a first or last name, or by a whole client id."}
          </Empty>
        ) : (
          <>
            {clients.length > 0 && (
              <Scroller label="Clients">
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
                    {clients.map((client) => (
                      <tr key={client.clientId}>
                        <td>
                          <Link to={{ page: "client", clientId: client.clientId }}>{nameOf(client)}</Link>
                        </td>
                        <td>
                          <code>{client.clientId}</code>
                        </td>
                        <td>
                          {client.lastSeenAtMs === undefined ? "–" : moment(client.lastSeenAtMs, nowMs)}
                        </td>
                        <td>
                          {client.activeCallId === undefined ? (
                            "–"
                          ) : (
                            <Link to={{ page: "call", callId: client.activeCallId }}>
                              {shortId(client.activeCallId)}
                            </Link>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroller>
            )}
            {nextPage !== undefined && (
              <p className="pager">
                <Link to={{ ...route, next: nextPage }}>
                  {clients.length === 0 ? "Look among clients without a name" : "More"}
                </Link>
              </p>
            )}
          </>
        )
      }
    </Page>
  );
}
