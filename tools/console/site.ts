/** The pages, as vite has built them, and the `/config.json` that tells them of the stack. */
import { existsSync, readFileSync } from "node:fs";
import { extname, resolve, sep } from "node:path";
import type { ConsoleReply } from "./server.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

export type Page = "phone" | "console";

/** Each page reads the rest of its path itself. Undefined for what is no part of the pages. */
export function siteFile(directory: string, pages: readonly Page[], path: string): ConsoleReply | undefined {
  const page = pages.find((name) => path === `/${name}` || path.startsWith(`/${name}/`));
  if (page) return served(directory, `${page}/index.html`, "no-cache") ?? notBuilt(directory);
  const [, folder, name] = /^\/(assets|app)\/([\w.-]+)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  // Names of assets have a hash; those of an installed app (manifest, icons, service worker) have none.
  const cacheControl = folder === "assets" ? "public, max-age=31536000, immutable" : "no-cache";
  return served(directory, `${folder}/${name}`, cacheControl);
}

function served(directory: string, name: string, cacheControl: string): ConsoleReply | undefined {
  const file = resolve(directory, name);
  const type = TYPES[extname(file)];
  if (!type || !file.startsWith(resolve(directory) + sep) || !existsSync(file)) return undefined;
  const headers = {
    "content-type": type,
    "cache-control": cacheControl,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  };
  return { status: 200, headers, body: readFileSync(file) };
}

const notBuilt = (directory: string): ConsoleReply => ({
  status: 503,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: `The pages are not built (${directory}). npm ci builds them; so does: npx vite build web\n`,
});

type Told = "region" | "userPoolId" | "userPoolClientId" | "apiUrl" | "graphqlUrl";

/** `mediaUrl`: where calls meet, if at a LiveKit server. */
type SiteFacts = Readonly<Record<Told, string | undefined>> & { readonly mediaUrl?: string | undefined };

/** What a deployed site has of its stack. `endpoint`: where AWS's APIs are, of a local runtime. */
export const siteConfig = (
  { region, userPoolId, userPoolClientId, apiUrl, graphqlUrl, mediaUrl }: SiteFacts,
  endpoint: string | undefined,
): object => ({
  runtime: endpoint === undefined ? "aws" : "local",
  region,
  userPoolId,
  userPoolClientId,
  apiUrl,
  graphqlUrl,
  ...(mediaUrl !== undefined && { mediaUrl }),
  ...(endpoint !== undefined && { cognitoUrl: endpoint }),
});
