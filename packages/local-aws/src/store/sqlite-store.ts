/**
 * A store in one SQLite file: rows of place, key and text.
 *
 * Q1 What was put during a turn of the event loop is one transaction. The system has it when it is committed, so the end of the
 *    process loses nothing; a power cut may lose the latest transactions, and never half of one.
 * Q2 Each row carries a checksum. A file that SQLite or a checksum finds damaged is refused as a whole (`DamagedStore`).
 * Q3 Only this program's format is read: another number is an error that says what to do.
 */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { KeptMap } from "./kept-map.ts";
import type { Form, Rows, Store } from "./store.ts";

/** Rises whenever a form changes so that older rows cannot be read any more. */
const FORMAT = 1;
const AGAIN_MS = 1_000;
const OWNER_ONLY = 0o600;

export class DamagedStore extends Error {}

/** `text` undefined: deleted. `isMoved`: it was deleted before it was put, so it goes to the end. */
interface Change {
  readonly place: string;
  readonly key: string;
  readonly text: string | undefined;
  readonly isMoved: boolean;
}
type Changes = Map<string, Change>;

export interface SqliteStore extends Store {
  /** Nothing was kept in it when it was opened. */
  readonly isNew: boolean;
}

export function openSqliteStore(path: string): SqliteStore {
  const db = openDatabase(path);
  const statements = statementsOf(db);
  const isNew = db.prepare("SELECT 1 FROM kept LIMIT 1").get() === undefined;
  let changes: Changes = new Map();
  let apart: { readonly place: string; readonly changes: Changes } | undefined;
  let hasBegun = false;
  let isPlanned = false;

  function flush(): void {
    if (!hasBegun || changes.size === 0) return;
    db.exec("BEGIN IMMEDIATE");
    try {
      for (const change of changes.values()) write(statements, change);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
    changes = new Map();
  }

  /** A full disk, or a program that holds the file: what is not written yet waits, and no reply goes out meanwhile. */
  function flushOrWait(): void {
    try {
      flush();
    } catch (error) {
      console.error(`${path} cannot be written, trying again: ${(error as Error).message}`);
      setTimeout(plan, AGAIN_MS).unref();
    }
  }

  function plan(): void {
    if (isPlanned || !hasBegun) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      if (db.isOpen) flushOrWait();
    });
  }

  function note(place: string, key: string, text: string | undefined): void {
    const into = apart && place.startsWith(apart.place) ? apart.changes : changes;
    const id = `${place}\n${key}`;
    const before = into.get(id);
    const isMoved = before !== undefined && (before.isMoved || before.text === undefined);
    if (isMoved) into.delete(id);
    into.set(id, { place, key, text, isMoved });
    plan();
  }

  /** What is not written yet counts as well. */
  function entries(place: string, prefix = ""): Map<string, string> {
    const found = new Map<string, string>();
    const rows = statements.read.iterate(place, prefix, `${prefix}\u{10ffff}`);
    for (const { key, text } of rows) found.set(String(key), String(text));
    for (const change of changes.values()) {
      if (change.place !== place || !change.key.startsWith(prefix)) continue;
      if (change.text === undefined) found.delete(change.key);
      else found.set(change.key, change.text);
    }
    return found;
  }

  const rows = (place: string): Rows => ({
    entries: (prefix) => entries(place, prefix),
    put: (key, text) => note(place, key, text),
    delete: (key) => note(place, key, undefined),
  });

  return {
    isNew,
    rows,
    map: <Value>(place: string, form: Form<Value>) => new KeptMap(rows(place), form),
    forget(place) {
      for (const key of entries(place).keys()) note(place, key, undefined);
    },
    async together(place, work) {
      apart = { place, changes: new Map() };
      try {
        return await work();
      } finally {
        for (const { place: at, key, text } of take()) note(at, key, text);
      }
    },
    begin() {
      hasBegun = true;
      flush();
    },
    flush,
    close() {
      flush();
      db.close();
    },
  };

  function take(): Iterable<Change> {
    const taken = apart?.changes.values() ?? [];
    apart = undefined;
    return taken;
  }
}

function openDatabase(path: string): DatabaseSync {
  closeSync(openSync(path, "a", OWNER_ONLY));
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA busy_timeout = 500; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    const { user_version: format } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (format !== 0 && format !== FORMAT) {
      throw new Error(
        `${path} is of format ${format} and this program reads ${FORMAT}: start with --fresh, or take another directory with --data`,
      );
    }
    refuseDamage(db, format === 0);
    return db;
  } catch (cause) {
    db.close();
    if (!isDamage(cause)) throw cause;
    throw new DamagedStore(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function refuseDamage(db: DatabaseSync, isNew: boolean): void {
  const { quick_check: verdict } = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
  if (verdict !== "ok") throw new DamagedStore(verdict);
  if (isNew) {
    db.exec(`
      CREATE TABLE kept (
        place TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, checksum INTEGER NOT NULL, UNIQUE (place, key)
      );
      PRAGMA user_version = ${FORMAT}`);
  }
  for (const row of db.prepare("SELECT * FROM kept").iterate()) {
    const { checksum } = row;
    const [place, key, text] = [String(row["place"]), String(row["key"]), String(row["text"])];
    if (checksumOf(place, key, text) === checksum) continue;
    throw new DamagedStore(`the row ${key} of ${place} does not fit its checksum`);
  }
}

/** SQLite's words for a file that is none of its own, or none any more. */
const isDamage = (error: unknown): boolean =>
  error instanceof DamagedStore ||
  /malformed|not a database|no such (table|column)|already exists|disk image/i.test(String(error));

interface Statements {
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly read: StatementSync;
}

const statementsOf = (db: DatabaseSync): Statements => ({
  put: db.prepare(
    "INSERT INTO kept (place, key, text, checksum) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT DO UPDATE SET text = excluded.text, checksum = excluded.checksum",
  ),
  remove: db.prepare("DELETE FROM kept WHERE place = ? AND key = ?"),
  read: db.prepare("SELECT key, text FROM kept WHERE place = ? AND key >= ? AND key < ? ORDER BY rowid"),
});

function write({ put, remove }: Statements, { place, key, text, isMoved }: Change): void {
  if (text === undefined || isMoved) remove.run(place, key);
  if (text !== undefined) put.run(place, key, text, checksumOf(place, key, text));
}

const checksumOf = (place: string, key: string, text: string): number => crc32(`${place}\n${key}\n${text}`);
