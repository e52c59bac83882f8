/** Bundles all handlers with one esbuild call. Run it alone for a table of sizes: `npx node infra/bundle.ts`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { functionNames } from "./function-sizes.ts";

const projectDir = resolve(import.meta.dirname, "..");

export interface BundleOptions {
  readonly handlersDir?: string;
  readonly outputDir?: string;
}

export interface Bundles {
  /** Holds `<function name>/index.mjs`. */
  readonly directory: string;
  readonly metafile: Metafile;
}

export async function bundle({
  handlersDir = join(projectDir, "handlers"),
  outputDir = join(projectDir, "build"),
}: BundleOptions = {}): Promise<Bundles> {
  const { metafile, outputFiles } = await build({
    entryPoints: functionNames.map((name) => ({
      in: join(handlersDir, `${name}.ts`),
      out: join(name, "index"),
    })),
    outdir: outputDir,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: projectDir,
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    metafile: true,
    logLevel: "error",
    alias: { "@aws-sdk/credential-provider-node": join(import.meta.dirname, "lambda-credentials.ts") },
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  return { directory: outputDir, metafile };
}

/** Whole or not at all, and only if it differs: another synthesis may be reading the file. */
function replaceFile(path: string, contents: Uint8Array): void {
  if (contentsOf(path)?.equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = join(dirname(dirname(path)), `.${process.pid}.mjs`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

function contentsOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // not built before
  }
}

function printSizes({ metafile }: Bundles): void {
  console.log("Function          kB");
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    const name = file.split("/").at(-2) ?? file;
    console.log(name.padEnd(16), String(Math.round(bytes / 1000)).padStart(5));
  }
}

if (import.meta.main) printSizes(await bundle());
