/**
 * `npm run screenshots`: starts the stack, makes a call between two pages in a Chromium, and takes the pictures of the README:
 * a phone that rings, a call, and in the console the calls, the call's graph, and the day.
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

await using stack = await startStack({ context: { minStages: "5" } });
const browser = await launchBrowser();
try {
  const inWindow = (viewport: { width: number; height: number }): Promise<Page> =>
    browser.newPage({ viewport, deviceScaleFactor: 1.5, colorScheme: "light" });
  const opened = async (name: string): Promise<Page> => {
    const page = await inWindow(PHONE);
    await openPhone(page, stack.url, `as=${name}`);
    return page;
  };
  const [alice, bob, carol] = await Promise.all([opened("alice"), opened("bob"), opened("carol")]);
  await press(carol, "Call Alice Adams");
  await expectHeading(alice, "Carol Clark");
  await press(alice, "Decline");
  await press(alice, "Close");
  await press(alice, "Call Bob Brown with video");
  await expectHeading(bob, "Alice Adams");
  await take(bob, "ringing");
  await press(bob, "Answer");
  // Where it pressed stands another button now.
  await bob.mouse.move(0, 0);
  await expectPicture(alice);
  await expectPicture(bob);
  await take(bob, "in-call");
  const desk = await inWindow(DESK);
  await desk.goto(`${stack.url}/console`);
  await desk.locator(".call-row").nth(1).waitFor();
  await take(desk, "calls");
  await desk.locator(".call-row").first().click();
  await desk.locator('.graph-node.is-here[data-state="In call"]').waitFor();
  await take(desk, "graph");
  await press(alice, "Hang up");
  await press(alice, "Close");
  await press(carol, "Close");
  for (const answer of ["Answer", "Decline"]) {
    await press(carol, "Call Alice Adams");
    await expectHeading(alice, "Carol Clark");
    await press(alice, answer);
    if (answer === "Answer") await press(alice, "Hang up");
    await press(alice, "Close");
    await press(carol, "Close");
  }
  await desk.goto(`${stack.url}/console/overview`);
  await desk.locator(".numbers").waitFor();
  await take(desk, "overview");
} finally {
  await browser.close();
}
