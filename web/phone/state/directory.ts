/**
 * The list of people: everybody in order, or those whose names fit what is typed; page by page, kept up to date.
 *
 * The server finds by the beginning of a first or last name. Each typed word is looked for as either, so that words may come in any
 * order, and what comes is held against all of them here.
 */
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import { fitsName } from "./search-text.ts";
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
/** More words make a search no narrower than the longest ones do. */
const MAX_WORDS_ASKED = 2;
/** Pages that hold nobody who fits are passed over, so many at a time. */
const MAX_EMPTY_PAGES = 10;

/** One of the server's searches, and where it goes on. */
interface Asking {
  readonly word: string;
  readonly by: PersonName;
  readonly nextToken?: string | undefined;
}

export function openDirectory(people: People, clock: Clock, ownId: string): Directory {
  const watchers = listeners();
  let state: DirectoryState = { typed: "", people: [], status: "loading", hasMore: false };
  let rest: readonly Asking[] = [];
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

  async function load(wanted: readonly Asking[], before: readonly Person[], passed = 0): Promise<void> {
    turn += 1;
    const mine = turn;
    change({ status: "loading", problem: undefined });
    const pages = await Promise.all(
      wanted.map(({ word, by, nextToken }) => people.search(word, by, { limit: PAGE_PEOPLE, nextToken })),
    );
    if (mine !== turn) return;
    const failed = pages.find((page) => !page.ok);
    if (failed && !failed.ok) return change({ status: "failed", problem: failed.problem });
    const got = pages.flatMap((page) => (page.ok ? [page.value] : []));
    rest = wanted.flatMap((asking, index) => leftOf(asking, got[index]));
    const found = got.flatMap(({ items }) => items);
    know(found);
    const fits = found.filter((person) => fitsName(nameOf(person), state.typed));
    const shown = merged(before, fits, ownId).slice(0, MAX_SHOWN);
    if (shown.length === before.length && rest.length > 0 && passed < MAX_EMPTY_PAGES)
      return load(rest, before, passed + 1);
    change({ people: shown, status: "ready", hasMore: rest.length > 0 && shown.length < MAX_SHOWN });
  }

  const begin = (): void => void load(askingsOf(state.typed), []);

  function changed({ person, gone }: { person: Person; gone: boolean }): void {
    know([person]);
    const others = state.people.filter(({ id }) => id !== person.id);
    const kept = gone || !fitsName(nameOf(person), state.typed) ? others : merged(others, [person], ownId);
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

const leftOf = (asking: Asking, page: Page<Person> | undefined): Asking[] =>
  page?.nextToken ? [{ ...asking, nextToken: page.nextToken }] : [];

/** Without a word everybody comes in either order: one is enough. */
function askingsOf(typed: string): Asking[] {
  const words = [...new Set(typed.trim().split(/\s+/).filter(Boolean))];
  const longest = words.toSorted((one, other) => other.length - one.length).slice(0, MAX_WORDS_ASKED);
  if (longest.length === 0) return [{ word: "", by: "firstName" }];
  return longest.flatMap((word): Asking[] => [
    { word, by: "firstName" },
    { word, by: "lastName" },
  ]);
}

/** In order of their names, each person once. */
function merged(before: readonly Person[], found: readonly Person[], ownId: string): Person[] {
  const each = new Map([...before, ...found].map((person) => [person.id, person]));
  each.delete(ownId);
  return [...each.values()].toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
}
