/** Calls: those that live, then the latest. */
import { END_REASONS } from "../../../events/end-reason.ts";
import { type CallRow, callsSchema } from "../state/facts.ts";
import { type CallsFilter, factsUrlOf, type Route } from "../state/route.ts";
import { CALL_STATUSES, reasonWord, statusWord } from "../state/words.ts";
import { CallList } from "./call-list.tsx";
import { goTo, Link, replaceWith } from "./navigation.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow, useWorld } from "./world.tsx";

type CallsRoute = Extract<Route, { page: "calls" }>;

export function CallsPage({ route }: { readonly route: CallsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", callsSchema);
  const { filter } = route;
  return (
    <Page title="Calls" facts={facts} before={<Filters filter={filter} />}>
      {({ calls, nextPage }) => (
        <>
          <Calls calls={calls} isFiltered={Object.keys(filter).length > 0} />
          <p className="pager">
            {filter.next !== undefined && (
              <Link to={{ page: "calls", filter: { ...filter, next: "" } }}>The latest</Link>
            )}
            {nextPage !== undefined && (
              <Link to={{ page: "calls", filter: { ...filter, next: nextPage } }}>Further back</Link>
            )}
          </p>
        </>
      )}
    </Page>
  );
}

interface CallsProps {
  readonly calls: readonly CallRow[];
  readonly isFiltered: boolean;
}

function Calls({ calls, isFiltered }: CallsProps) {
  const living = calls.filter(({ status }) => status !== "ended");
  const over = calls.filter(({ status }) => status === "ended");
  const nowMs = useNow(living.length > 0);
  if (calls.length === 0) return isFiltered ? <NothingFound /> : <NoCallYet />;
  return (
    <>
      {living.length > 0 && (
        <section aria-labelledby="now">
          <h2 id="now">Now</h2>
          <CallList calls={living} nowMs={nowMs} large />
        </section>
      )}
      {over.length > 0 && (
        <section aria-labelledby="lately">
          <h2 id="lately">Lately</h2>
          <CallList calls={over} nowMs={nowMs} />
        </section>
      )}
    </>
  );
}

function NothingFound() {
  return (
    <Empty title="No call fits">
      <Link to={{ page: "calls", filter: {} }}>Show all calls</Link>
    </Empty>
  );
}

function NoCallYet() {
  const { isLocal } = useWorld().stack;
  if (!isLocal) return <Empty title="No call yet">The first one shows up here as it begins.</Empty>;
  return (
    <Empty title="No call yet">
      Open <a href="/phone?as=alice">a phone for Alice</a> and <a href="/phone?as=bob">one for Bob</a> in two
      tabs, and call. The call shows up here as it begins.
    </Empty>
  );
}

/** The server looks for whole ids only. */
const CLIENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function Filters({ filter }: { readonly filter: CallsFilter }) {
  const change = (name: keyof CallsFilter, value: string, show = goTo): void => {
    const { next: _from, ...kept } = filter;
    show({ page: "calls", filter: { ...kept, [name]: value } });
  };
  return (
    <search className="filters">
      <label className="field grow">
        <span>Client</span>
        <input
          type="search"
          placeholder="Client id"
          pattern={CLIENT_ID.source}
          title="A whole client id: the page of a client shows it"
          defaultValue={filter.client ?? ""}
          onChange={({ target }) => {
            const client = target.value.trim();
            if (client === "" || CLIENT_ID.test(client)) change("client", client, replaceWith);
          }}
        />
      </label>
      <label className="field">
        <span>Status</span>
        <select value={filter.status ?? ""} onChange={({ target }) => change("status", target.value)}>
          <option value="">Any</option>
          {CALL_STATUSES.map((status) => (
            <option key={status} value={status}>
              {statusWord(status)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Ended</span>
        <select value={filter.reason ?? ""} onChange={({ target }) => change("reason", target.value)}>
          <option value="">In any way</option>
          {END_REASONS.map((reason) => (
            <option key={reason} value={reason}>
              {reasonWord(reason)}
            </option>
          ))}
        </select>
      </label>
      <TimeField name="Started after" atMs={filter.from} change={(value) => change("from", value)} />
      <TimeField name="Started before" atMs={filter.to} change={(value) => change("to", value)} />
    </search>
  );
}

interface TimeFieldProps {
  readonly name: string;
  /** Milliseconds, as the address has them. */
  readonly atMs: string | undefined;
  readonly change: (atMs: string) => void;
}

function TimeField({ name, atMs, change }: TimeFieldProps) {
  return (
    <label className="field">
      <span>{name}</span>
      <input
        type="datetime-local"
        defaultValue={atMs === undefined ? "" : localMinutes(Number(atMs))}
        onBlur={({ target }) => {
          const next = target.value === "" ? "" : String(new Date(target.value).getTime());
          if (next !== (atMs ?? "")) change(next);
        }}
      />
    </label>
  );
}

/** In the field's format, in the reader's time zone. */
function localMinutes(atMs: number): string {
  if (!Number.isFinite(atMs)) return "";
  const here = new Date(atMs);
  return new Date(atMs - here.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
