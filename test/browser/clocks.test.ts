/** The browser phone on a device whose clock is wrong, or is set while it rings: in a real browser, against a whole stack. */
import "./page-sources.ts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { expectHeading, expectText, openPhone, press } from "./phone-page.ts";
import { type Stack, startStack } from "./stack.ts";

const RING_SECONDS = 8;
const MINUTES = 60_000;

/** Runs in the page before anything else: its clock is `aheadMs` ahead, which a test may change. Timers are not affected. */
const SKEW = `{
  const Real = Date;
  globalThis.aheadMs = AHEAD_MS;
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() + globalThis.aheadMs); }
    static now() { return Real.now() + globalThis.aheadMs; }
  };
}`;

describe.skipIf(!hasBrowser())("a phone whose clock is wrong", () => {
  let stack: Stack;
  let browser: Browser;
  let alice: Page;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startStack({ context: { minStages: "12", ringSeconds: String(RING_SECONDS) } }),
      launchBrowser(),
    ]);
    alice = await newWindow();
    await openPhone(alice, stack.url, "as=alice");
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  async function newWindow(aheadMs = 0): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: "reduce" });
    await context.addInitScript(SKEW.replace("AHEAD_MS", String(aheadMs)));
    return context.newPage();
  }

  test.each([-60, -10, 10, 60])("by %i minutes rings, and can be answered", async (minutes) => {
    const bob = await newWindow(minutes * MINUTES);
    await openPhone(bob, stack.url, "as=bob");
    await press(alice, "Call Bob Brown");
    await expectHeading(bob, "Alice Adams");
    await expectText(alice, "Ringing …");
    await press(bob, "Answer");
    // The call has lasted for seconds, not for an hour.
    for (const page of [alice, bob]) await expectText(page, /^0:0\d$/);
    await press(alice, "Hang up");
    await expectHeading(bob, "Alice Adams hung up");
    await press(alice, "Close");
    await bob.context().close();
  });

  test.each([-60, 60])(
    "and is set by %i minutes while it rings rings on for as long as it should",
    async (minutes) => {
      const bob = await newWindow();
      await openPhone(bob, stack.url, "as=bob");
      await press(alice, "Call Bob Brown");
      await expectHeading(bob, "Alice Adams");
      const beganMs = performance.now();
      await bob.evaluate(`globalThis.aheadMs = ${minutes * MINUTES}`);
      await expectHeading(bob, "Missed call");
      const rangMs = performance.now() - beganMs;
      expect(rangMs).toBeGreaterThan((RING_SECONDS - 4) * 1_000);
      expect(rangMs).toBeLessThan((RING_SECONDS + 4) * 1_000);
      await expectHeading(alice, "No answer");
      await press(alice, "Close");
      await bob.context().close();
    },
  );
});
