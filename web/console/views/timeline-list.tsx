/** All that happened to a call, from the top. */
import { type MouseEvent, useEffect, useRef } from "react";
import { dollars } from "../state/cost.ts";
import { sinceStart, spell, spellSeconds } from "../state/durations.ts";
import { type Entry, ENTRY_KINDS, type EntryKind, type Timeline } from "../state/timeline.ts";
import "./timeline-list.css";

const KIND_WORDS: Readonly<Record<EntryKind, string>> = {
  state: "States",
  event: "Events",
  push: "Pushes",
  token: "Tokens",
  leg: "People",
  error: "Errors",
  retry: "Retries",
};

interface TimelineListProps {
  readonly timeline: Timeline;
  readonly nowMs: number;
  /** A state of the graph: what belongs to it stands out. */
  readonly selected: string | undefined;
  readonly hrefOf: (state: string) => string;
  readonly select: (state: string) => void;
  /** Kinds that are not shown; the address has them. */
  readonly hidden: ReadonlySet<string>;
  readonly hide: (kinds: ReadonlySet<string>) => void;
}

export function TimelineList(props: TimelineListProps) {
  const { timeline, nowMs, selected, hrefOf, select, hidden, hide } = props;
  const { startMs, entries } = timeline;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (selected !== undefined) show(list.current);
  }, [selected]);
  const kinds = ENTRY_KINDS.filter((kind) => entries.some((entry) => entry.kind === kind));
  const shown = entries.filter(({ kind }) => !hidden.has(kind));
  const lastMs = Math.max(1, ...entries.map(({ atMs }) => atMs - startMs));
  const toggle = (kind: EntryKind): void => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    hide(next);
  };
  return (
    <section aria-labelledby="timeline" className="timeline">
      <h2 id="timeline">Timeline</h2>
      <fieldset className="chips">
        <legend className="visually-hidden">Kinds of entries that are shown</legend>
        {kinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={!hidden.has(kind)} onClick={() => toggle(kind)}>
            <span className={`dot is-${kind}`} aria-hidden="true" />
            {KIND_WORDS[kind]}
          </button>
        ))}
      </fieldset>
      <p className="timeline-units quiet" aria-hidden="true">
        <span>ms since the start</span>
        <span>took</span>
        <span>list price</span>
      </p>
      <ol ref={list}>
        {shown.map((entry) => (
          <Row
            key={entry.key}
            entry={entry}
            offsetMs={entry.atMs - startMs}
            nowMs={nowMs}
            part={(entry.durationMs ?? 0) / lastMs}
            isMarked={selected !== undefined && entry.state === selected}
            hrefOf={hrefOf}
            select={select}
          />
        ))}
      </ol>
    </section>
  );
}

/** Scrolls the list, never the page. */
function show(list: HTMLElement | null): void {
  const marked = list?.querySelector(".is-marked");
  if (!list || !marked) return;
  const [outer, inner] = [list.getBoundingClientRect(), marked.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom)
    list.scrollBy({ top: inner.top - outer.top - 60 });
}

interface RowProps {
  readonly entry: Entry;
  readonly offsetMs: number;
  readonly nowMs: number;
  /** Of the whole call. */
  readonly part: number;
  readonly isMarked: boolean;
  readonly hrefOf: (state: string) => string;
  readonly select: (state: string) => void;
}

function Row({ entry, offsetMs, nowMs, part, isMarked, hrefOf, select }: RowProps) {
  const { kind, note, times, durationMs, goesOn, atMs } = entry;
  const took = goesOn ? spellSeconds(nowMs - atMs) : durationMs === undefined ? "" : spell(durationMs);
  return (
    <li className={`entry is-a-${kind} ${isMarked ? "is-marked" : ""} ${goesOn ? "goes-on" : ""}`}>
      <time className="entry-at" dateTime={new Date(atMs).toISOString()}>
        {sinceStart(offsetMs)}
      </time>
      <span className={`dot is-${kind}`} aria-hidden="true" />
      <span className="entry-what">
        <span className="entry-title">
          <Title entry={entry} hrefOf={hrefOf} select={select} />
          {times !== undefined && <span className="quiet"> ×{times}</span>}
        </span>
        {note !== undefined && <span className="entry-note">{note}</span>}
        {part > 0.02 && <span className="entry-part" style={{ "--part": part }} aria-hidden="true" />}
      </span>
      <span className="entry-took">{took}</span>
      <span className="entry-cost">{entry.dollars === undefined ? "" : dollars(entry.dollars)}</span>
    </li>
  );
}

type TitleProps = Pick<RowProps, "entry" | "hrefOf" | "select">;

/** What belongs to a state shows it in the graph. */
function Title({ entry: { title, state }, hrefOf, select }: TitleProps) {
  if (state === undefined) return title;
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    select(state);
  };
  return (
    <a href={hrefOf(state)} onClick={follow}>
      {title}
    </a>
  );
}
