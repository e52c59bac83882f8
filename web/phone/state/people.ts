/** The directory and the calls of one's own client, as GraphQL has them. */
import { fullName } from "../../../people/name-text.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import type { Outcome } from "../../../packages/client/src/wire/problem.ts";
import { maybe, object, text } from "../../../packages/client/src/wire/read.ts";

export const readPerson = object({ id: text, firstName: text, lastName: text, clientId: maybe(text) });
export interface Person {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Null takes it away. */
  readonly clientId?: string | null | undefined;
}

/** Whatever was stored before there was a rule of names, it does no harm on a screen. May be empty. */
export const nameOf = (person: Pick<Person, "firstName" | "lastName">): string => fullName(person);

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string | undefined;
}

export interface PageWanted {
  readonly limit: number;
  readonly nextToken?: string | undefined;
}

export type PersonName = "firstName" | "lastName";

export interface People {
  search(name: string, by: PersonName, page: PageWanted): Promise<Outcome<Page<Person>>>;
  /** The person whom this client rings; undefined if there is none. */
  ofClient(clientId: string): Promise<Outcome<Person | undefined>>;
  get(id: string): Promise<Outcome<Person | undefined>>;
  create(person: Person): Promise<Outcome<Person>>;
  update(person: Partial<Person> & Pick<Person, "id">): Promise<Outcome<Person>>;
  follow(heard: {
    /** A person is new, has changed a name, or is gone. */
    readonly changed: (change: { readonly person: Person; readonly gone: boolean }) => void;
    /** Changes flow (again): what came before was not told. */
    readonly connected: () => void;
  }): () => void;
}

export interface OwnCalls {
  list(page: PageWanted): Promise<Outcome<Page<OwnCall>>>;
  /** `connected` is called whenever updates flow (again). */
  follow(heard: { readonly updated: (call: OwnCall) => void; readonly connected: () => void }): () => void;
}
