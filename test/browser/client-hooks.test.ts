/** The client's React hooks on a page: a view follows the phone and its call as they change. */
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { expectText } from "./phone-page.ts";

const PAGE = join(resolve(import.meta.dirname, "../.."), "packages/client/test/hooks-page.tsx");
/** For `npm test -- --changed`: what is bundled here is not imported. */
export const hookSources = import.meta.glob(
  ["../../packages/client/test/hooks-page.tsx", "../../packages/client/src/**/*.ts"],
  { query: "?raw" },
);

describe.skipIf(!hasBrowser())("usePhone and useCall", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const bundled = build({
      entryPoints: [PAGE],
      bundle: true,
      write: false,
      format: "iife",
      jsx: "automatic",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.addScriptTag({ content: (await bundled).outputFiles[0]?.text ?? "" });
  });
  afterAll(async () => browser?.close());

  test("a view shows each change once, the end of the call, and lets go when it is taken away", async () => {
    await expectText(page, "no call");
    await page.evaluate("hooks.ring()");
    await expectText(page, "Alice ringing");
    await page.evaluate(`hooks.show({ state: "connected" })`);
    await expectText(page, "Alice connected");
    const renders = await page.evaluate("hooks.renders()");
    await page.evaluate(`hooks.show({ state: "connected" })`);
    await page.evaluate(`hooks.show({ state: "ended", reason: "completed" })`);
    await expectText(page, "Alice ended");
    expect(await page.evaluate("hooks.renders()")).toBe(Number(renders) + 1);
    await page.evaluate("hooks.leave()");
    await expectText(page, "no call");
    await page.evaluate("hooks.unmount()");
    expect(await page.evaluate("hooks.subscribed()")).toBe(0);
  });
});
