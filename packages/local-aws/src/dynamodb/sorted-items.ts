/**
 * The items of one table or index, sorted by key: what dynalite asks of its store, without the streams and promises of a database
 * on a disk.
 *
 * Items are held as JSON: each reading is a copy of its own, and a million small ones fit into memory. Keys are ASCII.
 */
import { createRequire } from "node:module";
import { Stream } from "node:stream";
import type sortedBtree from "sorted-btree";
import type { Rows } from "../store/store.ts";

// A CommonJS module with a default export: what an import makes of that depends on the loader.
const { default: BTree } = createRequire(import.meta.url)("sorted-btree") as typeof sortedBtree;
type Texts = InstanceType<typeof BTree<string, string>>;

export type Reply<T> = (error: Error | null, value: T) => void;

export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** All of them if it is negative. */
  readonly limit?: number;
}

export interface SortedItems<Item> {
  /** An error named NotFoundError if there is none. */
  get(key: string, reply: Reply<Item | undefined>): void;
  put(key: string, value: Item, reply: Reply<void>): void;
  del(key: string, reply: Reply<void>): void;
  createValueStream(range?: Range): Stream;
}

/** With rows they begin with what was kept, and each write is kept. */
export function sortedItems<Item>(rows?: Rows): SortedItems<Item> {
  const items = new BTree<string, string>();
  for (const [key, text] of rows?.entries() ?? []) items.set(key, text);
  // An answer never comes before the question's own line has ended.
  const soon = (answer: () => void): void => queueMicrotask(answer);
  return {
    get(key, reply) {
      const found = items.get(key);
      soon(() => (found === undefined ? reply(notFound(), undefined) : reply(null, JSON.parse(found))));
    },
    put(key, value, reply) {
      const text = JSON.stringify(value);
      items.set(key, text);
      rows?.put(key, text);
      soon(() => reply(null));
    },
    del(key, reply) {
      items.delete(key);
      rows?.delete(key);
      soon(() => reply(null));
    },
    createValueStream: (range = {}) => new Values(textsIn(items, range)),
  };
}

const notFound = (): Error => Object.assign(new Error("no such item"), { name: "NotFoundError" });

function* textsIn(items: Texts, range: Range): Generator<string> {
  const { gt, gte, lt, lte, reverse = false, limit = -1 } = range;
  const [first, last] = [gte ?? gt, lte ?? lt];
  const [entries, isBefore, isBehind] = reverse
    ? [
        items.entriesReversed(last),
        (key: string) => isAbove(key, range),
        (key: string) => isBelow(key, range),
      ]
    : [items.entries(first), (key: string) => isBelow(key, range), (key: string) => isAbove(key, range)];
  let left = limit < 0 ? Infinity : limit;
  for (const [key, text] of entries) {
    if (isBehind(key) || left <= 0) return;
    if (isBefore(key)) continue;
    left -= 1;
    yield text;
  }
}

const isBelow = (key: string, { gt, gte }: Range): boolean =>
  (gte !== undefined && key < gte) || (gt !== undefined && key <= gt);
const isAbove = (key: string, { lt, lte }: Range): boolean =>
  (lte !== undefined && key > lte) || (lt !== undefined && key >= lt);

/** As much of a readable stream as dynalite uses: it listens, and destroys the stream once it has enough. */
class Values extends Stream {
  #isWanted = true;

  constructor(texts: Iterable<string>) {
    super();
    queueMicrotask(() => this.#emitAll(texts));
  }

  destroy(): void {
    this.#isWanted = false;
  }

  #emitAll(texts: Iterable<string>): void {
    for (const text of texts) {
      if (!this.#isWanted) return;
      this.emit("data", JSON.parse(text));
    }
    this.emit("end");
  }
}
