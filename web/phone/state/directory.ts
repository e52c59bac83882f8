/** The list of people: everybody in order, or those whose first or last name begins as typed; page by page, kept up to date. */
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import { nameOf, type Page, type People, type Person, type PersonName } from "./people.ts";

export interface DirectoryState {
  readonly typed: string;
  /** In order, without oneself. */
  readonly people: readonly Person[];
  readonly status: "loading" | "ready" | "failed";
  readonly problem?: Problem | undefined;
  readonly hasMore: boolean;
}

export interface Directory {
  state(): DirectoryState;
  subscribe(listener: () => void): () => void;
  type(text: string): void;
  more(): void;
  /** After a failure. */
  again(): void;
  /** The name that goes with a client, once it is known; asking for it fetches it. */
  nameOf(clientId: string): string | undefined;
  stop(): void;
}

export const PAGE_PEOPLE = 50;
const TYPING_PAUSE_MS = 200;
const MAX_SHOWN = 1_000;

type Tokens = Partial<Record<PersonName, string | undefined>>;

export function openDirectory(people: People, clock: Clock, ownId: string): Directory {
  const watchers = listeners();
  let state: DirectoryState = { typed: "", people: [], status: "loading", hasMore: false };
  let rest: Tokens = {};
  let pause: (() => void) | undefined;
  /** Replies to what was typed before are dropped. */
  let turn = 0;
  const names = new Map<string, string | undefined>();

  function change(next: Partial<DirectoryState>): void {
    state = { ...state, ...next };
    watchers.tell();
  }

  function know(found: readonly Person[]): void {
    for (const person of found) if (person.clientId) names.set(person.clientId, nameOf(person));
  }

  async function load(wanted: Tokens, before: readonly Person[]): Promise<void> {
    turn += 1;
    const mine = turn;
    change({ status: "loading", problem: undefined });
    const kinds = Object.keys(wanted) as PersonName[]; // the keys of Tokens
    const pages = await Promise.all(
      kinds.map((by) =>
        people.search(firstWordOf(state.typed), by, { limit: PAGE_PEOPLE, nextToken: wanted[by] }),
      ),
    );
    if (mine !== turn) return;
    const failed = pages.find((page) => !page.ok);
    if (failed && !failed.ok) return change({ status: "failed", problem: failed.problem });
    const got = pages.flatMap((page) => (page.ok ? [page.value] : []));
    rest = Object.fromEntries(kinds.flatMap((by, index) => leftOf(by, got[index])));
    const found = got.flatMap(({ items }) => items).filter((person) => matches(person, state.typed));
    know(found);
    const shown = merged(before, found, ownId).slice(0, MAX_SHOWN);
    change({
      people: shown,
      status: "ready",
      hasMore: Object.keys(rest).length > 0 && shown.length < MAX_SHOWN,
    });
  }

  /** Without a name everybody comes in either order: one is enough. */
  const begin = (): void =>
    void load(
      state.typed === "" ? { firstName: undefined } : { firstName: undefined, lastName: undefined },
      [],
    );

  function changed({ person, gone }: { person: Person; gone: boolean }): void {
    know([person]);
    const others = state.people.filter(({ id }) => id !== person.id);
    const kept = gone || !matches(person, state.typed) ? others : merged(others, [person], ownId);
    change({ people: kept });
  }

  async function fetchName(clientId: string): Promise<void> {
    names.set(clientId, undefined);
    const found = await people.ofClient(clientId);
    if (!found.ok) return void names.delete(clientId);
    if (found.value) know([found.value]);
    if (found.value) watchers.tell();
  }

  const stop = people.follow({ changed, connected: begin });
  begin();
  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    type(text) {
      pause?.();
      change({ typed: text.trimStart() });
      pause = clock.after(TYPING_PAUSE_MS, begin);
    },
    more: () => {
      if (state.hasMore && state.status === "ready") void load(rest, state.people);
    },
    again: begin,
    nameOf(clientId) {
      if (!names.has(clientId)) void fetchName(clientId);
      return names.get(clientId);
    },
    stop,
  };
}

const leftOf = (by: PersonName, page: Page<Person> | undefined): [PersonName, string][] =>
  page?.nextToken ? [[by, page.nextToken]] : [];

/** The server finds by one word; who types a whole name means that person. */
const firstWordOf = (typed: string): string => typed.trim().split(/\s+/)[0] ?? "";

function matches(person: Person, typed: string): boolean {
  const wanted = typed.trim().toLowerCase().split(/\s+/).join(" ");
  return [nameOf(person), person.lastName].some((name) => name.toLowerCase().startsWith(wanted));
}

/** In order of their names, each person once. */
function merged(before: readonly Person[], found: readonly Person[], ownId: string): Person[] {
  const each = new Map([...before, ...found].map((person) => [person.id, person]));
  each.delete(ownId);
  return [...each.values()].toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
}
