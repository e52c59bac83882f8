/**
 * The directory of a runtime whose state lasts: its store, and one lock against a second runtime.
 *
 * L1 The lock is the system's own on an open file: it ends with the process, however that ends.
 * L2 A damaged store is moved aside as it is, and the runtime begins anew: nothing of it is read.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DamagedStore, openSqliteStore, type SqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

const STORE = "state.db";
/** SQLite keeps the latest transactions beside its file. */
const PARTS = ["", "-wal", "-shm"];
const OWNER_ONLY = { directory: 0o700, file: 0o600 };

export interface DataDirectory {
  readonly store: Store;
  /** True if an earlier run has left its state here. */
  readonly isKept: boolean;
  /** What was found damaged, and where it is now. */
  readonly damage?: { readonly reason: string; readonly movedTo: string };
  close(): void;
}

export interface DataOptions {
  readonly directory: string;
  /** Begin anew: what was kept is removed. */
  readonly fresh: boolean;
  readonly nowMs: number;
}

export function openDataDirectory({ directory, fresh, nowMs }: DataOptions): DataDirectory {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY.directory });
  const unlock = lock(directory);
  try {
    const path = join(directory, STORE);
    if (fresh) for (const part of PARTS) rmSync(path + part, { force: true });
    const { store, damage } = opening(path, nowMs);
    const close = (): void => {
      store.close();
      unlock();
    };
    return { store, isKept: !store.isNew, ...(damage && { damage }), close };
  } catch (error) {
    unlock();
    throw error;
  }
}

function opening(path: string, nowMs: number): { store: SqliteStore; damage?: DataDirectory["damage"] } {
  try {
    return { store: openSqliteStore(path) };
  } catch (error) {
    if (!(error instanceof DamagedStore)) throw error;
    const movedTo = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
    for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, movedTo + part);
    return { store: openSqliteStore(path), damage: { reason: error.message, movedTo } };
  }
}

/** Throws if another runtime has it; the returned function gives it back. */
function lock(directory: string): () => void {
  const [path, owner] = [join(directory, "lock"), join(directory, "lock.pid")];
  closeSync(openSync(path, "a", OWNER_ONLY.file));
  const held = new DatabaseSync(path);
  try {
    held.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    held.close();
    const pid = existsSync(owner) ? ` (process ${readFileSync(owner, "utf8").trim()})` : "";
    throw new Error(
      `another runtime${pid} keeps its state in ${directory}: stop it, or take another directory with --data`,
      { cause },
    );
  }
  writeFileSync(owner, `${process.pid}\n`, { mode: OWNER_ONLY.file });
  return () => held.close();
}
