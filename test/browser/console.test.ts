/** The operators' console against a whole stack, in a real browser and in real time. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, phone } from "../../local/phones.ts";
import { expectAccessible } from "./axe.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { type Stack, startStack } from "./stack.ts";

describe.skipIf(!hasBrowser())("the console in a browser", () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let alice: Phone;
  let bob: Phone;
  const at = (path: string): string => `${stack.url}${path}`;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ assembly: inject("assembly") }), launchBrowser()]);
    [alice, bob] = await Promise.all([phone(stack.runtime, "alice"), phone(stack.runtime, "bob")]);
    // Rings that move cost time on a machine without a graphics card.
    page = await browser.newPage({ reducedMotion: "reduce", viewport: { width: 1280, height: 800 } });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  const seen = (text: string): Locator => page.getByText(text, { exact: true }).first();
  const here = (state: string): Locator => page.locator(`.graph-node.is-here[data-state="${state}"]`);
  const call = async (): Promise<string> => {
    const { body } = await alice.send({
      action: "initiateCall",
      callerId: alice.clientId,
      calleeId: bob.clientId,
    });
    return String(body["callId"]);
  };
  const does = (who: Phone, action: string, callId: string) =>
    who.send({ action, callId, clientId: who.clientId, deviceId: who.deviceId });

  /** What the graph says was taken, in the order of its numbers. */
  const drawnWay = (): Promise<string[]> =>
    page.locator(".graph-node:not(.is-untaken)").evaluateAll((nodes) =>
      nodes
        .map((node) => ({
          name: node.getAttribute("data-state") ?? "",
          order: Number(node.querySelector(".graph-badge text")?.textContent),
        }))
        .toSorted((one, other) => one.order - other.order)
        .map(({ name }) => name),
    );

  async function enteredStates(callId: string): Promise<string[]> {
    const { runtime } = stack;
    const executionArn = `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
    const input = { executionArn, maxResults: 1000 };
    const { events } = await runtime.localAws.call({
      service: "states",
      operation: "GetExecutionHistory",
      input,
      caller: PERSON,
    });
    return (events as { stateEnteredEventDetails?: { name: string } }[]).flatMap(
      ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
    );
  }

  test("a call is seen ringing, in call and ended as it happens, on the way that its history tells", async () => {
    await page.goto(at("/console"));
    await seen("No call yet").waitFor();
    await expectAccessible(page);
    const callId = await call();
    await does(bob, "ackRinging", callId);
    await page.locator(".call-status", { hasText: "Ringing" }).waitFor();
    await page.locator(".call-row").click();
    await here("Ringing").waitFor();
    expect(page.url()).toBe(at(`/console/calls/${callId}`));
    await does(bob, "answerCall", callId);
    await here("In call").waitFor();
    await expectAccessible(page);
    await does(alice, "endCall", callId);
    await seen("Completed.").waitFor();
    await page.locator('.graph-node.is-left[data-state="Call ended"]').waitFor();
    expect(await drawnWay()).toEqual(await enteredStates(callId));
    await expectAccessible(page);
  });

  test("a state of the graph shows its entries in the timeline, by keyboard too", async () => {
    await page.locator('.graph-node[data-state="Ringing"]').focus();
    await page.keyboard.press("Enter");
    await page.locator(".entry.is-marked", { hasText: "Ringing" }).waitFor();
    expect(new URL(page.url()).searchParams.get("state")).toBe("Ringing");
    await page.keyboard.press("ArrowDown");
    const focused = await page.evaluate("document.activeElement.dataset.state");
    expect(focused).not.toBe("Ringing");
  });

  test("an operator ends a call for both, and the page says who it was", async () => {
    const callId = await call();
    await does(bob, "answerCall", callId);
    await page.goto(at(`/console/calls/${callId}`));
    await here("In call").waitFor();
    await page.getByRole("button", { name: "End call" }).click();
    await page.getByRole("button", { name: "Hang up" }).click();
    await seen("Ended by operator.").waitFor();
    await page.getByText("olivia ends the call for everyone").waitFor();
    for (const who of [alice, bob]) {
      const { body } = await does(who, "getCall", callId);
      expect(body).toMatchObject({ status: "ended", endReason: "ended_by_operator" });
    }
  });

  test("calls are filtered by how they ended, and the filter is in the address", async () => {
    await page.goto(at("/console/calls"));
    await page.locator(".call-row").nth(1).waitFor();
    await page.getByRole("combobox", { name: "Ended" }).selectOption("missed");
    await seen("No call fits").waitFor();
    expect(page.url()).toBe(at("/console/calls?reason=missed"));
    await page.getByRole("combobox", { name: "Ended" }).selectOption("ended_by_operator");
    await page.locator(".call-row").getByText("Ended by operator").waitFor();
  });

  test.each(["clients", "stages", "clean-ups", "events", "dead-letters", "calls/unknown"])(
    "axe finds nothing serious on /console/%s",
    async (path) => {
      await page.goto(at(`/console/${path}`));
      await page.locator("main :is(table, ul, ol, .empty, .notice)").first().waitFor();
      await expectAccessible(page);
    },
  );

  test("a client is found, with its devices and calls", async () => {
    await page.goto(at(`/console/clients/${bob.clientId}`));
    await seen(bob.deviceId).waitFor();
    await page.locator(".call-row").nth(1).waitFor();
    await expectAccessible(page);
  });
});
