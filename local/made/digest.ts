/** One digest for all that something is made from: contents, never times, so that a checkout or a touch changes nothing. */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Inputs {
  readonly root: string;
  /** Files and folders below the root. One that is missing is an input too: it may appear. */
  readonly paths: readonly string[];
  /** What is no file: settings, environment variables. */
  readonly values?: Readonly<Record<string, string>>;
}

/** This Node counts as well: whatever is made runs on it. */
export function digestOf({ root, paths, values = {} }: Inputs): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([process.version, process.platform, process.arch]));
  hash.update(JSON.stringify(Object.entries(values).toSorted(byName)));
  for (const path of paths.toSorted()) addPath(hash, root, path);
  return hash.digest("hex").slice(0, 32);
}

const byName = ([one]: [string, string], [other]: [string, string]): number => (one < other ? -1 : 1);

function addPath(hash: Hash, root: string, path: string): void {
  const entry = statSync(join(root, path), { throwIfNoEntry: false });
  if (entry?.isDirectory()) {
    for (const name of readdirSync(join(root, path)).toSorted()) addPath(hash, root, join(path, name));
  } else if (entry?.isFile()) addFile(hash, root, path);
}

/** With its length, so that no two trees read the same. */
function addFile(hash: Hash, root: string, path: string): void {
  const contents = contentsOf(join(root, path));
  if (contents === undefined) return;
  hash.update(`\n${JSON.stringify([path, contents.length])}\n`).update(contents);
}

function contentsOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    // An editor that saves takes a file away for a moment; what is made then is checked against a later digest.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
