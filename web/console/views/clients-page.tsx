/** Clients: in the order of their names, or of when they were seen last; all, or those that fit. */
import type * as z from "zod/mini";
import { clientsSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { count, nameOf, shortId } from "../state/words.ts";
import { Copyable } from "./copy.tsx";
import { Moment } from "./moment.tsx";
import { goTo, Link, replaceWith } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";

type ClientsRoute = Extract<Route, { page: "clients" }>;

export function ClientsPage({ route }: { readonly route: ClientsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", clientsSchema);
  const { next: _from, ...first } = route;
  return (
    <Page
      title="Clients"
      facts={facts}
      before={
        <search className="filters">
          <label className="field grow">
            <span>Name, device or id</span>
            <input
              type="search"
              placeholder="Alice"
              defaultValue={route.search}
              onChange={({ target }) => replaceWith({ ...first, search: target.value.trim() })}
            />
          </label>
          <label className="field">
            <span>Order</span>
            <select
              value={route.order === "seen" ? "seen" : ""}
              onChange={({ target }) => goTo({ ...first, order: target.value })}
            >
              <option value="">By name</option>
              <option value="seen">Last seen first</option>
            </select>
          </label>
        </search>
      }
    >
      {(found) =>
        found.clients.length === 0 ? (
          <NoClients search={route.search} />
        ) : (
          <Found route={route} found={found} />
        )
      }
    </Page>
  );
}

function NoClients({ search }: { readonly search: string }) {
  return (
    <Empty title={search === "" ? "No client yet" : "No match"}>
      {search === ""
        ? "A client appears once a phone has registered."
        : "Each word has to be somewhere in a name, a user name, a device or a client id."}
    </Empty>
  );
}

interface FoundProps {
  readonly route: ClientsRoute;
  readonly found: z.output<typeof clientsSchema>;
}

function Found({ route, found: { clients, nextPage, total, isWhole } }: FoundProps) {
  const nowMs = useNow(false);
  return (
    <>
      <p className="quiet note">
        {count(total, "client", "clients")}
        {!isWhole && " of those that could be read: there are more, which only a whole id finds"}
      </p>
      <Scroller label="Table of clients">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">User name</th>
              <th scope="col">Client</th>
              <th scope="col">Last seen</th>
              <th scope="col">In a call</th>
            </tr>
          </thead>
          <tbody>
            {clients.map(({ clientId, name, username, lastSeenAtMs, activeCallId }) => (
              <tr key={clientId}>
                <td>
                  <Link to={{ page: "client", clientId }}>{nameOf({ clientId, name })}</Link>
                </td>
                <td>{username}</td>
                <td>
                  <Copyable text={clientId} what="client id" />
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
      <p className="pager">
        {route.next !== undefined && <Link to={{ ...route, next: "" }}>The first</Link>}
        {nextPage !== undefined && <Link to={{ ...route, next: nextPage }}>More</Link>}
      </p>
    </>
  );
}
