/** Removes made directories that are no longer used: each change of a source makes a new one. */
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** The beginning of the name of a directory that is being filled or removed. */
export const DRAFT = ".draft-";
/** In a directory that is complete: what it was made from. Its time says when it was used last. */
export const RECORD = ".made.json";

/** Settings differ between `npm start`, the demo and tests, and sources go back and forth between branches. */
const KEPT = 10;
/** A process that began to use it may still read from it, and a maker may still be at work. */
const IN_USE_MS = 3_600_000;

export function removeUnused(parent: string, nowMs = Date.now()): void {
  const entries = readdirSync(parent).map((name) => ({ name, path: join(parent, name) }));
  const drafts = entries.filter(({ name, path }) => name.startsWith(DRAFT) && unused(timeOf(path), nowMs));
  const surplus = entries
    .filter(({ name }) => !name.startsWith(DRAFT))
    .map(({ name, path }) => ({ name, path, usedMs: timeOf(join(path, RECORD)) }))
    .filter(({ usedMs }) => usedMs !== undefined)
    .toSorted((one, other) => Number(other.usedMs) - Number(one.usedMs))
    .slice(KEPT)
    .filter(({ usedMs }) => unused(usedMs, nowMs));
  for (const { path } of drafts) rmSync(path, { recursive: true, force: true });
  for (const { name, path } of surplus) remove(path, join(parent, `${DRAFT}${name}`));
}

const unused = (usedMs: number | undefined, nowMs: number): boolean =>
  usedMs !== undefined && nowMs - usedMs > IN_USE_MS;

const timeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/** Renames it first, so that no process finds it half removed. */
function remove(path: string, draft: string): void {
  try {
    renameSync(path, draft);
  } catch {
    return; // another process is removing it
  }
  rmSync(draft, { recursive: true, force: true });
}
