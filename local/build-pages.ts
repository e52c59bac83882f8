/** The browser phone and the console, built by vite: by `npm ci`, and again when one of their sources has changed. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Made, made } from "./made/made.ts";
import { runMaker, variables } from "./made/maker.ts";

const ROOT = join(import.meta.dirname, "..");
export const PAGES = join(ROOT, "build", "web");

/** What the pages import, or may: `test/house/imports.test.ts` holds them to it. */
export const PAGE_SOURCES = [
  "web",
  "packages/client/src",
  "events",
  "calls",
  "people",
  "tools/console",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
  "node_modules/.package-lock.json",
] as const;

export function buildPages(): Promise<Made> {
  const env = variables("VITE_");
  return made({
    directory: () => PAGES,
    inputs: () => ({ root: ROOT, paths: PAGE_SOURCES, values: env }),
    make: (draft) => runVite(draft, env),
  });
}

async function runVite(outDir: string, env: Readonly<Record<string, string>>): Promise<void> {
  const packageFile = createRequire(import.meta.url).resolve("vite/package.json");
  const vite = join(dirname(packageFile), "bin", "vite.js");
  const args = [vite, "build", "web", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"];
  const { code, output } = await runMaker({ args, cwd: ROOT, env });
  if (code !== 0) throw new Error(`vite could not build web/ (exit code ${code}):\n${output.trim()}`);
  process.stderr.write(output);
}
