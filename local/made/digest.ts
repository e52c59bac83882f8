/** One digest of all inputs: contents, never times, so that a checkout or a touch changes nothing. */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Inputs {
  readonly root: string;
  /** Files and folders below the root. One that is missing is an input too: it may appear. */
  readonly paths: readonly string[];
  /** Inputs that are no files: settings, environment variables. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The Node version counts too: the results run on it. */
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
    // An editor may remove a file for a moment while it saves; a later digest finds out.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
