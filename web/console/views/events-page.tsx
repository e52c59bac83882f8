/** Events: what the bus carried lately. */
import { catalogue } from "../../../events/catalogue.ts";
import { type BusEvent, eventsSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { shortId } from "../state/words.ts";
import { Moment } from "./moment.tsx";
import { Link, goTo, replaceWith } from "./navigation.tsx";
import { Empty, Page } from "./page.tsx";
import { CopyButton } from "./copy.tsx";
import { Json } from "./raw-history.tsx";
import { useLive, useNow } from "./world.tsx";
import "./events-page.css";

type EventsRoute = Extract<Route, { page: "events" }>;

export function EventsPage({ route }: { readonly route: EventsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", eventsSchema);
  const nowMs = useNow(false);
  return (
    <Page title="Events" facts={facts} before={<Filters route={route} />}>
      {({ events }) =>
        events.length === 0 ? (
          <Empty title={route.type || route.call ? "No event fits" : "No event yet"}>
            Events are kept for a while after they went over the bus.
          </Empty>
        ) : (
          <ol className="event-list">
            {events.map((event) => (
              <Row key={event.id} event={event} nowMs={nowMs} />
            ))}
          </ol>
        )
      }
    </Page>
  );
}

function Filters({ route }: { readonly route: EventsRoute }) {
  return (
    <search className="filters">
      <label className="field">
        <span>Type</span>
        <select value={route.type} onChange={({ target }) => goTo({ ...route, type: target.value })}>
          <option value="">Any</option>
          {Object.keys(catalogue).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="field grow">
        <span>Call</span>
        <input
          type="search"
          placeholder="Call id"
          defaultValue={route.call}
          onChange={({ target }) => replaceWith({ ...route, call: target.value.trim() })}
        />
      </label>
    </search>
  );
}

function Row({ event, nowMs }: { readonly event: BusEvent; readonly nowMs: number }) {
  const callId = textIn(event, "callId");
  return (
    <li>
      <details>
        <summary>
          <Moment className="quiet mono" atMs={event.atMs} nowMs={nowMs} />
          <strong>{event.type}</strong>
          <span className="quiet">{aboutOf(event)}</span>
        </summary>
        <div className="event-more">
          <p>
            {callId !== undefined && (
              <Link to={{ page: "call", callId }}>
                Call <code>{shortId(callId)}</code>
              </Link>
            )}
            <span className="quiet">{event.source}</span>
            <CopyButton value={event} what="JSON" />
          </p>
          <Json value={event.detail} />
        </div>
      </details>
    </li>
  );
}

function textIn({ detail }: BusEvent, key: string): string | undefined {
  if (typeof detail !== "object" || detail === null) return undefined;
  const value: unknown = Object.entries(detail).find(([name]) => name === key)?.[1];
  return typeof value === "string" ? value : undefined;
}

/** What tells events of one type apart. */
function aboutOf(event: BusEvent): string {
  const callId = textIn(event, "callId");
  const clientId = callId === undefined ? textIn(event, "clientId") : undefined;
  return [
    callId && `call ${shortId(callId)}`,
    clientId && `client ${shortId(clientId)}`,
    textIn(event, "role"),
    textIn(event, "legStatus") ?? textIn(event, "endReason") ?? textIn(event, "status"),
  ]
    .filter(Boolean)
    .join(", ");
}
