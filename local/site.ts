/** The browser phone and the console, as vite has built them, and the `/config.json` that tells them of this stack. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { siteConfig, siteFile } from "../tools/console/site.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import { PEOPLE } from "./people.ts";

const ROOT = join(import.meta.dirname, "..");
const BUILT = join(ROOT, "build", "web");
/** What the pages are made of; of other folders they take types only. */
const SOURCES = ["web", "events", "package-lock.json"];

/** Installing has built the pages; whoever changes one since gets it built anew. */
export async function buildSite(): Promise<void> {
  const built = join(BUILT, "phone", "index.html");
  const builtMs = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (!SOURCES.some((source) => changedMs(join(ROOT, source)) > builtMs)) return;
  const packageFile = createRequire(import.meta.url).resolve("vite/package.json");
  const vite = join(dirname(packageFile), "bin", "vite.js");
  const child = spawn(process.execPath, [vite, "build", "web", "--logLevel", "warn"], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((done) => child.once("close", done));
  if (code !== 0) throw new Error(`vite could not build web/ (exit code ${String(code)})`);
}

function changedMs(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => changedMs(join(path, name))));
}

/** Undefined for other paths. */
export const builtPage = ({ path }: HttpRequest): HttpResponse | undefined =>
  siteFile(BUILT, ["phone", "console"], path);

/** The people are the local runtime's own. */
export const localConfig = (
  outputs: Readonly<Record<string, string>>,
  { app, aws }: { readonly app: string; readonly aws: string },
): object => ({
  ...siteConfig(
    {
      region: outputs["Region"],
      userPoolId: outputs["UserPoolId"],
      userPoolClientId: outputs["UserPoolClientId"],
      apiUrl: app,
      graphqlUrl: `${app}/graphql`,
    },
    aws,
  ),
  people: PEOPLE.map(({ username, password }) => ({ username, password })),
});
