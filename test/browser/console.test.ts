/** The operators' console against a whole stack, in a real browser and in real time. */
import "./page-sources.ts";
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
    // Moving rings cost time on a machine without a graphics card.
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

  /** The states that the graph marks as passed, in the order of their numbers. */
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

  test("a call is shown ringing, in call and ended as it happens, on the path of its history", async () => {
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

  test("hidden kinds of the timeline are in the address", async () => {
    await page.getByRole("button", { name: "Events" }).click();
    await page.locator(".entry.is-a-event").first().waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("hide")).toBe("event");
    await page.reload();
    await page.locator(".entry.is-a-leg").first().waitFor();
    expect(await page.locator(".entry.is-a-event").count()).toBe(0);
  });

  test("an operator ends a call for both, and the page shows the operator's name", async () => {
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

  test("calls are filtered by end reason, and the filter is in the address", async () => {
    await page.goto(at("/console/calls"));
    await page.locator(".call-row").nth(1).waitFor();
    await page.getByRole("combobox", { name: "Ended" }).selectOption("missed");
    await seen("No call fits").waitFor();
    expect(page.url()).toBe(at("/console/calls?reason=missed"));
    await page.getByRole("combobox", { name: "Ended" }).selectOption("ended_by_operator");
    await page.locator(".call-row").getByText("Ended by operator").waitFor();
  });

  test("a person is found from any page by keyboard, with their devices, calls and pushes", async () => {
    await page.goto(at("/console/stages"));
    await page.locator("main table").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("ob@exam");
    await page.locator(".found-person", { hasText: "bob@example.com" }).waitFor();
    expect(page.url()).toBe(at("/console/search?q=ob%40exam"));
    await expectAccessible(page);
    await page.keyboard.press("Tab");
    await page.locator(".found-person a").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Pushes" }).waitFor();
    await seen(bob.deviceId).waitFor();
  });

  test("a name in the filter of calls asks which client is meant, and shows its calls", async () => {
    await page.goto(at("/console/calls"));
    await page.getByRole("searchbox", { name: "Client" }).fill("OB");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Whose calls?" }).waitFor();
    await expectAccessible(page);
    await page.locator(".whose a").first().click();
    await page.locator(".call-row").first().waitFor();
    expect(page.url()).toBe(at(`/console/calls?client=${bob.clientId}`));
  });

  test("a filter without matches says how far it looked", async () => {
    await page.goto(at("/console/calls?reason=expired"));
    await seen("No call fits").waitFor();
    await page.getByText(/^Looked at \d+ calls back to .* which is all there are/).waitFor();
    await expectAccessible(page);
  });

  test("a dead letter is sent again after a confirmation, and then gone", async () => {
    const QueueUrl = "http://127.0.0.1:4566/000000000000/ringmaster-drive-call-failed";
    const callId = await call();
    await does(alice, "endCall", callId);
    const letter = { source: "ringmaster", "detail-type": "CallRinging", detail: { v: 1, callId } };
    const input = { QueueUrl, MessageBody: JSON.stringify(letter) };
    await stack.runtime.localAws.call({ service: "sqs", operation: "SendMessage", input, caller: PERSON });
    await page.goto(at("/console/dead-letters"));
    await page.locator(".event-list summary").click();
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByText("Send this letter to the bus again").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.getByText("All queues are empty").waitFor();
    await stack.runtime.localAws.call({ service: "sqs", operation: "SendMessage", input, caller: PERSON });
    await page.locator(".event-list summary").click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByText("All queues are empty").waitFor();
  });

  test("an id is copied in one click, which is confirmed", async () => {
    await page.goto(at(`/console/clients/${bob.clientId}`));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the client id" }).click();
    await seen("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(bob.clientId);
  });

  const SCREENS = [
    "overview",
    "search?q=b",
    "clients",
    "stages",
    "clean-ups",
    "events",
    "events?text=nothing-like-it",
    "dead-letters",
    "calls/unknown",
  ];
  test.each(SCREENS)(
    "axe finds nothing serious on /console/%s, light or dark, and it fits a phone",
    async (path) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.goto(at(`/console/${path}`));
        await page.locator("main :is(table, ul, ol, .empty, .notice)").first().waitFor();
        await expectAccessible(page);
      }
      await page.setViewportSize({ width: 390, height: 800 });
      const isTooWide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
      expect(await page.evaluate(isTooWide)).toBe(false);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    },
  );

  test("a client is found, with its devices and calls", async () => {
    await page.goto(at(`/console/clients/${bob.clientId}`));
    await seen(bob.deviceId).waitFor();
    await page.locator(".call-row").nth(1).waitFor();
    await expectAccessible(page);
  });
});
