/**
 * Where services put what must be there after a restart.
 *
 * K1 A service keeps its state in maps of its own and says with a form what of a value lasts. What is derived is not kept.
 * K2 What was put is on the disk at the end of the turn of the event loop, and before a port replies (`flush`): a process that
 *    is killed loses nothing that a reply has confirmed.
 * K3 A deployment is kept whole or not at all: nothing is written before `begin`.
 * K4 The order of keys is that of their first putting.
 */

/** How a value is written as JSON, and made from it again. */
export interface Form<Value> {
  write(value: Value): unknown;
  /** What `write` gave, back from JSON. Undefined drops it: what it belongs to is gone. */
  read(kept: never): Value | undefined;
}

/** Texts by key, in one place of the store. */
export interface Rows {
  /** Those whose key begins so. */
  entries(prefix?: string): Iterable<readonly [key: string, text: string]>;
  put(key: string, text: string): void;
  delete(key: string): void;
}

export interface Store {
  /** Undefined if nothing lasts: then nothing needs to be written down. */
  rows(place: string): Rows | undefined;
  /** A map that lasts. A value that was changed in place is set again. */
  map<Value>(place: string, form: Form<Value>): Map<string, Value>;
  /** Removes everything in the place. */
  forget(place: string): void;
  /** What the work puts into places that begin so is kept whole or not at all. One at a time. */
  together<T>(place: string, work: () => Promise<T>): Promise<T>;
  begin(): void;
  flush(): void;
  close(): void;
}

/** A value that is JSON as it is. */
export const asItIs = <Value>(): Form<Value> => ({ write: (value) => value, read: (kept) => kept });

/** Nothing lasts: tests, virtual time, and the demo. */
export const memoryStore = (): Store => ({
  rows: () => undefined,
  map: () => new Map(),
  forget: () => undefined,
  together: (_place, work) => work(),
  begin: () => undefined,
  flush: () => undefined,
  close: () => undefined,
});
