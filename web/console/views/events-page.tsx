/** Events: what the bus carried lately. */
import { useState } from "react";
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
  const isFiltered = [route.type, route.call, route.text].some((filter) => filter !== "");
  return (
    <Page title="Events" facts={facts} before={<Filters route={route} />} quietly={isFiltered}>
      {({ events }) =>
        events.length === 0 ? (
          <Empty title={isFiltered ? "No event fits" : "No event yet"}>
            {isFiltered
              ? "Of the last two weeks none does. What fits shows up here as it goes over the bus."
              : "Each shows up here as it goes over the bus, and is kept for two weeks."}
          </Empty>
        ) : (
          <Tail key={JSON.stringify(route)} events={events} />
        )
      }
    </Page>
  );
}

/** The latest on top, as they come; held, the list stands still, and what came since is counted. */
function Tail({ events }: { readonly events: readonly BusEvent[] }) {
  const nowMs = useNow(false);
  const [held, hold] = useState<readonly BusEvent[]>();
  const shown = held ?? events;
  const since = held ? events.findIndex(({ id }) => id === held[0]?.id) : 0;
  return (
    <>
      <p className="tail">
        <button
          type="button"
          className="button small"
          aria-pressed={held !== undefined}
          onClick={() => hold(held ? undefined : events)}
        >
          {held ? "Follow again" : "Hold"}
        </button>
        <output className="quiet">
          {held
            ? `Held: ${since < 0 ? `${events.length} or more` : since} since`
            : "The latest on top, as they come"}
        </output>
      </p>
      <ol className="event-list">
        {shown.map((event) => (
          <Row key={event.id} event={event} nowMs={nowMs} />
        ))}
      </ol>
    </>
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
        <span>Anything in it</span>
        <input
          type="search"
          placeholder="A call id, a client id, a reason"
          defaultValue={route.text}
          onChange={({ target }) => replaceWith({ ...route, text: target.value.trim() })}
        />
      </label>
      {route.call !== "" && (
        <p className="of-call">
          Of call <code>{shortId(route.call)}</code> <Link to={{ ...route, call: "" }}>Of all calls</Link>
        </p>
      )}
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
