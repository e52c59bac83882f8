/** The code of resolvers: each file of people/resolvers with what it imports, in the JavaScript that AppSync runs. */
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { type Around, AROUND_FILTERED, AROUND_STEPS, type Step, steps } from "../people/fields.ts";

export type ResolverName = Step | Around;

const DIRECTORY = join(import.meta.dirname, "../people/resolvers");

/** Once per process: a test synthesizes many stacks. */
let built: ReadonlyMap<string, string> | undefined;

export function resolverCode(name: ResolverName): string {
  built ??= build();
  const code = built.get(name);
  if (code === undefined) throw new Error(`no code for the resolver ${name}`);
  return code;
}

function build(): ReadonlyMap<string, string> {
  const names = [...Object.keys(steps), AROUND_STEPS, ...AROUND_FILTERED];
  const { outputFiles } = buildSync({
    entryPoints: names.map((name) => join(DIRECTORY, `${name}.ts`)),
    outdir: DIRECTORY,
    absWorkingDir: DIRECTORY,
    write: false,
    bundle: true,
    format: "esm",
    target: "esnext",
    platform: "node",
    external: ["@aws-appsync/utils"],
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
}
