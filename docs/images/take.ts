/**
 * `npm run screenshots`: starts the stack, makes a call between two pages in a Chromium, and takes the pictures of the README:
 * a phone that rings, a call, and the call's graph in the console.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "../../test/browser/browser.ts";
import { expectHeading, expectPicture, openPhone, press } from "../../test/browser/phone-page.ts";
import { startStack } from "../../test/browser/stack.ts";

const PHONE = { width: 390, height: 760 };
const DESK = { width: 1280, height: 800 };

const take = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(import.meta.dirname, `${name}.png`) });
  console.log(`${name}.png`);
};

await using stack = await startStack();
const browser = await launchBrowser();
try {
  const context = await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2, colorScheme: "light" });
  const desk = await browser.newContext({ viewport: DESK, deviceScaleFactor: 1.5, colorScheme: "light" });
  const [alice, bob, carol] = await Promise.all([
    openPhone(context, stack.url, "as=alice"),
    openPhone(context, stack.url, "as=bob"),
    openPhone(context, stack.url, "as=carol"),
  ]);
  await press(carol, "Call Alice Adams");
  await expectHeading(alice, "Carol Clark");
  await press(alice, "Decline");
  await press(alice, "Close");
  await press(alice, "Call Bob Brown with video");
  await expectHeading(bob, "Alice Adams");
  await take(bob, "ringing");
  await press(bob, "Answer");
  await expectPicture(alice);
  await expectPicture(bob);
  await take(bob, "in-call");
  const console = await desk.newPage();
  await console.goto(`${stack.url}/console`);
  await console.locator(".call-row").nth(1).waitFor();
  await take(console, "calls");
  await console.locator(".call-row").first().click();
  await console.locator('.graph-node.is-here[data-state="In call"]').waitFor();
  await take(console, "graph");
} finally {
  await browser.close();
}
