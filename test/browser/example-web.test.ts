/** examples/web, copied and bundled as its README says: two tabs of another origin play a call. */
import "../stack-sources.ts";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createPages } from "../../local/pages.ts";
import { createPeople } from "../../local/people.ts";
import { type Listener, LOOPBACK, openListener } from "../../packages/local-aws/src/listener.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { expectText, press } from "./phone-page.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** In the package these entries are in `dist/`, and the check "client alone" bundles the example with that. */
const CLIENT = Object.fromEntries(
  [
    ["@ringmaster/client", "index"],
    ["@ringmaster/client/cognito", "cognito"],
    ["@ringmaster/client/ivs", "ivs"],
    ["@ringmaster/client/local", "local"],
  ].map(([name = "", entry = ""]) => [name, join(ROOT, "packages/client/src", `${entry}.ts`)]),
);
/** For `npm test -- --changed`, because the bundled files are not imported here. */
export const exampleSources = import.meta.glob(
  ["../../examples/web/*.{html,js}", "../../packages/client/src/**/*.ts"],
  { query: "?raw" },
);
/** Runs in the page: the number of frames that were shown of the other side. */
const FRAMES = `document.getElementById("picture").getVideoPlaybackQuality().totalVideoFrames`;

/** The page, and its bundled script. */
const siteIn =
  (folder: string): RequestListener =>
  ({ url = "" }, reply) => {
    const isScript = url.startsWith("/call.js");
    reply.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    reply.end(readFileSync(join(folder, isScript ? "bundled.js" : "index.html")));
  };

describe.skipIf(!hasBrowser())("examples/web", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringmaster-example-web-"));
  let runtime: Runtime;
  let site: Listener;
  let servers: Servers;
  let browser: Browser;
  let tabs: BrowserContext;

  beforeAll(async () => {
    cpSync(join(ROOT, "examples/web"), folder, { recursive: true });
    site = await openListener({ port: 0, flag: "", serve: siteIn(folder) });
    [runtime, browser] = await Promise.all([
      startRuntime({ assembly: inject("assembly"), lazyFunctions: true }),
      launchBrowser(),
    ]);
    await createPeople(runtime);
    const addresses = { app: "", tls: "", aws: "" };
    const pages = createPages(runtime, addresses, [siteUrl()]);
    servers = await listen(runtime, { port: 0, awsPort: 0, pages, origins: [siteUrl()] });
    addresses.app = appUrl();
    addresses.aws = `http://${LOOPBACK}:${servers.awsPort}`;
    const config = await fetch(`${addresses.app}/config.json`);
    writeFileSync(join(folder, "config.json"), await config.text());
    const entry = { entryPoints: [join(folder, "call.js")], outfile: join(folder, "bundled.js") };
    await build({ ...entry, bundle: true, format: "esm", alias: CLIENT });
    tabs = await browser.newContext();
  });
  afterAll(async () => {
    await browser?.close();
    await servers?.close();
    runtime?.stop();
    await site?.close();
    rmSync(folder, { recursive: true });
  });

  const appUrl = (): string => `http://${LOOPBACK}:${servers.port}`;
  const siteUrl = (): string => `http://${LOOPBACK}:${site.port}`;

  async function tabOf(username: string, name: string): Promise<Page> {
    const tab = await tabs.newPage();
    await tab.goto(`${siteUrl()}/?as=${username}`);
    await expectText(tab, `You are ${name}`);
    return tab;
  }

  test("a page of an origin that the runtime was told of reads its config, and no other page does", async () => {
    const [named, other] = [await browser.newPage(), await browser.newPage()];
    await named.goto(siteUrl());
    await other.goto(siteUrl().replace(LOOPBACK, "localhost"));
    const read = `fetch("${appUrl()}/config.json").then((reply) => reply.ok, String)`;
    expect(await named.evaluate(read)).toBe(true);
    expect(await other.evaluate(read)).toContain("Failed to fetch");
    for (const page of [named, other]) await page.close();
  });

  test("one tab calls the other, both are connected and see each other, and a hang-up ends both", async () => {
    const bob = await tabOf("bob", "Bob");
    const alice = await tabOf("alice", "Alice");
    await press(alice, "Call Bob");
    await expectText(bob, "ringing");
    await bob.getByRole("heading", { name: "Alice" }).waitFor();
    await press(bob, "Answer");
    for (const tab of [alice, bob]) {
      await expectText(tab, "connected");
      await tab.waitForFunction(`${FRAMES} > 3`);
    }
    await press(bob, "Hang up");
    for (const tab of [alice, bob]) await expectText(tab, "ended: completed");
    expect(await alice.getByRole("button", { name: "Hang up" }).isVisible()).toBe(false);
  });
});
