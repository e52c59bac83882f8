/** Runs a making program with a known environment: a variable that it does not get cannot affect the result. */
import { spawn } from "node:child_process";

/** Programs need these to run at all; the result does not depend on them. */
const TO_RUN = new Set([
  "PATH",
  "HOME",
  "USERPROFILE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "TMPDIR",
  "LD_LIBRARY_PATH",
]);

type Environment = Readonly<Record<string, string>>;

/** The variables that a maker may read, by how their names begin: they are inputs. */
export function variables(...prefixes: readonly string[]): Environment {
  return chosen((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}

export interface Program {
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
}

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

export async function runMaker({ args, cwd, env }: Program): Promise<Ran> {
  const given = { ...chosen((name) => TO_RUN.has(name.toUpperCase())), ...env };
  const child = spawn(process.execPath, args, { cwd, env: given, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  return { code, output };
}

function chosen(wanted: (name: string) => boolean): Environment {
  const all = Object.entries(process.env);
  return Object.fromEntries(all.flatMap(([name, value]) => (value && wanted(name) ? [[name, value]] : [])));
}
