/**
 * A directory that is made from inputs, and reused as long as they stay the same.
 *
 * F1 A reused directory was made from the very inputs that are there now: it records their digest.
 * F2 It is unchanged: the record has a digest of the directory too, so an incomplete or edited one is made again.
 * F3 It is made in a draft and put in place by renaming: an interrupted making leaves nothing that looks complete, and
 *    two at the same time never write into one directory.
 * F4 If an input changes during the making, it is unknown which state went in: the directory is made again.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { digestOf, type Inputs } from "./digest.ts";
import { DRAFT, RECORD, removeUnused } from "./remove-unused.ts";

export interface Making {
  /** Where it goes, by the digest of its inputs. */
  readonly directory: (from: string) => string;
  /** Asked again after the making. */
  readonly inputs: () => Inputs;
  /** Fills the empty directory that it is given. */
  readonly make: (draft: string) => Promise<void>;
}

export interface Made {
  readonly directory: string;
  /** It existed already, made from the same inputs. */
  readonly reused: boolean;
}

interface MadeFrom {
  readonly inputs: string;
  readonly contents: string;
}

/** A person may save a file meanwhile; inputs that never stop changing are an error. */
const ATTEMPTS = 3;

export async function made(making: Making): Promise<Made> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const inputs = digestOf(making.inputs());
    const directory = making.directory(inputs);
    if (isWhole(directory, inputs)) {
      markUsed(directory);
      return { directory, reused: true };
    }
    if (await makeOnce(making, directory, inputs)) return { directory, reused: false };
  }
  throw new Error(`sources changed during each of ${ATTEMPTS} builds: start again when they rest`);
}

/** False if an input changed meanwhile. */
async function makeOnce(making: Making, directory: string, inputs: string): Promise<boolean> {
  const parent = dirname(directory);
  mkdirSync(parent, { recursive: true });
  const draft = mkdtempSync(join(parent, DRAFT));
  try {
    await making.make(draft);
    if (digestOf(making.inputs()) !== inputs) return false;
    place(draft, directory, { inputs, contents: contentsOf(draft) });
    removeUnused(parent);
    return true;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const contentsOf = (directory: string): string =>
  digestOf({ root: directory, paths: readdirSync(directory).filter((name) => name !== RECORD) });

function isWhole(directory: string, inputs: string): boolean {
  const record = recordOf(directory);
  return record?.inputs === inputs && record.contents === contentsOf(directory);
}

function recordOf(directory: string): MadeFrom | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, RECORD), "utf8")) as MadeFrom;
  } catch {
    return undefined; // never made here, or damaged
  }
}

/** A directory that another process has put there from the same inputs stays: it may be in use. */
function place(draft: string, directory: string, record: MadeFrom): void {
  writeFileSync(join(draft, RECORD), JSON.stringify(record));
  if (renamed(draft, directory) || isWhole(directory, record.inputs)) return;
  const old = mkdtempSync(join(dirname(directory), DRAFT));
  renamed(directory, join(old, "replaced"));
  const placed = renamed(draft, directory) || isWhole(directory, record.inputs);
  rmSync(old, { recursive: true, force: true });
  if (!placed) throw new Error(`${directory} cannot be replaced: remove it, and start again`);
}

/** False if something is at that place, or nothing at this one. */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM"].includes(code)) return false;
    throw error;
  }
}

function markUsed(directory: string): void {
  const now = new Date();
  utimesSync(join(directory, RECORD), now, now);
}
