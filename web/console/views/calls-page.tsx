/** Calls: those that live, then the latest. */
import { END_REASONS } from "../../../events/end-reason.ts";
import { type CallRow, callsSchema } from "../state/facts.ts";
import { type CallsFilter, factsUrlOf, isClientId, type Route } from "../state/route.ts";
import { CALL_STATUSES, reasonWord, statusWord } from "../state/words.ts";
import { CallList } from "./call-list.tsx";
import { DayAsCsv } from "./day-as-csv.tsx";
import { NothingYet } from "./filter-result.tsx";
import { goTo, Link } from "./navigation.tsx";
import { Empty, Page, PageTitle } from "./page.tsx";
import { WhoIsMeant } from "./who-is-meant.tsx";
import { useLive, useNow, useWorld } from "./world.tsx";

type CallsRoute = Extract<Route, { page: "calls" }>;

export function CallsPage({ route }: { readonly route: CallsRoute }) {
  const { client } = route.filter;
  if (client !== undefined && client !== "" && !isClientId(client))
    return <CallsOfSomebody route={route} text={client} />;
  return <CallsFiltered route={route} />;
}

interface CallsOfSomebodyProps {
  readonly route: CallsRoute;
  readonly text: string;
}

function CallsOfSomebody({ route: { filter }, text }: CallsOfSomebodyProps) {
  return (
    <>
      <header className="page-head">
        <PageTitle quietly>Calls</PageTitle>
      </header>
      <Filters filter={filter} />
      <WhoIsMeant filter={filter} text={text} />
    </>
  );
}

function CallsFiltered({ route }: { readonly route: CallsRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", callsSchema);
  const { filter } = route;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Page title="Calls" facts={facts} before={<Filters filter={filter} />} quietly={isFiltered}>
      {(view) =>
        view.calls.length === 0 ? (
          isFiltered ? (
            <NothingYet first={view} filter={filter} />
          ) : (
            <NoCallYet />
          )
        ) : (
          <>
            <Calls calls={view.calls} />
            <p className="pager">
              {filter.next !== undefined && (
                <Link to={{ page: "calls", filter: { ...filter, next: "" } }}>The latest</Link>
              )}
              {view.nextPage !== undefined && (
                <Link to={{ page: "calls", filter: { ...filter, next: view.nextPage } }}>Further back</Link>
              )}
            </p>
          </>
        )
      }
    </Page>
  );
}

function Calls({ calls }: { readonly calls: readonly CallRow[] }) {
  const living = calls.filter(({ status }) => status !== "ended");
  const over = calls.filter(({ status }) => status === "ended");
  const nowMs = useNow(living.length > 0);
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

function Filters({ filter }: { readonly filter: CallsFilter }) {
  const change = (name: keyof CallsFilter, value: string): void => {
    const { next: _from, [name]: _before, ...kept } = filter;
    goTo({ page: "calls", filter: value === "" ? kept : { ...kept, [name]: value } });
  };
  const take = (text: string): void => {
    if (text.trim() !== (filter.client ?? "")) change("client", text.trim());
  };
  return (
    <search className="filters">
      <label className="field grow">
        <span>Client</span>
        <input
          key={filter.client ?? ""}
          type="search"
          placeholder="Name, e-mail, device, id"
          defaultValue={filter.client ?? ""}
          onBlur={({ target }) => take(target.value)}
          onKeyDown={({ key, currentTarget }) => {
            if (key === "Enter") take(currentTarget.value);
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
      <DayAsCsv />
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
