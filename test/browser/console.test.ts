/** The operators' console against a whole stack, in a real browser and in real time. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { consolePages } from "../../local/console.ts";
import { PERSON } from "../../local/door.ts";
import { createPages } from "../../local/pages.ts";
import { createPeople } from "../../local/people.ts";
import { type Phone, phone } from "../../local/phones.ts";
import { type Runtime, startRuntime } from "../../local/runtime.ts";
import { listen, type Servers } from "../../local/servers.ts";
import { buildSite } from "../../local/site.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe.skipIf(!hasBrowser())("the console in a browser", () => {
  let runtime: Runtime;
  let servers: Servers;
  let browser: Browser;
  let page: Page;
  let alice: Phone;
  let bob: Phone;
  const at = (path: string): string => `http://127.0.0.1:${servers.port}${path}`;

  beforeAll(async () => {
    [runtime, browser] = await Promise.all([
      startRuntime({ assembly: inject("assembly") }),
      launchBrowser(),
      buildSite(),
    ]);
    await createPeople(runtime);
    [alice, bob] = await Promise.all([phone(runtime, "alice"), phone(runtime, "bob")]);
    const addresses = { app: "", aws: "", tls: "" };
    const consolePage = consolePages(runtime, addresses);
    const pages = createPages(runtime, addresses);
    servers = await listen(runtime, {
      port: 0,
      awsPort: 0,
      pages: async (request) => (await consolePage(request)) ?? pages(request),
    });
    addresses.app = at("");
    addresses.aws = `http://127.0.0.1:${servers.awsPort}`;
    // Rings that move cost time on a machine without a graphics card.
    page = await browser.newPage({ reducedMotion: "reduce", viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(10_000);
    // The stack was deployed before its port was known.
    await page.route(`${runtime.outputs["ApiUrl"]}/`, async (route) =>
      route.fulfill({ response: await route.fetch({ url: at("/") }) }),
    );
  });
  afterAll(async () => {
    await browser?.close();
    await servers?.close();
    runtime?.stop();
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
    const executionArn = `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
    const input = { executionArn, maxResults: 1000 };
    const { events } = await runtime.door.call({
      service: "states",
      operation: "GetExecutionHistory",
      input,
      caller: PERSON,
    });
    return (events as { stateEnteredEventDetails?: { name: string } }[]).flatMap(
      ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
    );
  }

  async function expectAccessible(): Promise<void> {
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; impact: string; nodes: { target: string[] }[] }[];
    };
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(
      grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`),
    ).toEqual([]);
  }

  test("a call is seen ringing, in call and ended as it happens, on the way that its history tells", async () => {
    await page.goto(at("/console"));
    await seen("No call yet").waitFor();
    await expectAccessible();
    const callId = await call();
    await does(bob, "ackRinging", callId);
    await page.locator(".call-status", { hasText: "Ringing" }).waitFor();
    await page.locator(".call-row").click();
    await here("Ringing").waitFor();
    expect(page.url()).toBe(at(`/console/calls/${callId}`));
    await does(bob, "answerCall", callId);
    await here("In call").waitFor();
    await expectAccessible();
    await does(alice, "endCall", callId);
    await seen("Completed.").waitFor();
    await page.locator('.graph-node.is-left[data-state="Call ended"]').waitFor();
    expect(await drawnWay()).toEqual(await enteredStates(callId));
    await expectAccessible();
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

  test("an operator ends a call for both, and it is completed", async () => {
    const callId = await call();
    await does(bob, "answerCall", callId);
    await page.goto(at(`/console/calls/${callId}`));
    await here("In call").waitFor();
    await page.getByRole("button", { name: "End call" }).click();
    await page.getByRole("button", { name: "Hang up" }).click();
    await seen("Completed.").waitFor();
    for (const who of [alice, bob]) {
      const { body } = await does(who, "getCall", callId);
      expect(body).toMatchObject({ status: "ended", endReason: "completed" });
    }
  });

  test("calls are filtered by how they ended, and the filter is in the address", async () => {
    await page.goto(at("/console/calls"));
    await page.locator(".call-row").nth(1).waitFor();
    await page.getByRole("combobox", { name: "Ended" }).selectOption("missed");
    await seen("No call fits").waitFor();
    expect(page.url()).toBe(at("/console/calls?reason=missed"));
    await page.getByRole("combobox", { name: "Ended" }).selectOption("completed");
    await page.locator(".call-row").nth(1).waitFor();
  });

  test.each(["clients", "stages", "clean-ups", "events", "dead-letters", "calls/unknown"])(
    "axe finds nothing serious on /console/%s",
    async (path) => {
      await page.goto(at(`/console/${path}`));
      await page.locator("main :is(table, ul, ol, .empty, .notice)").first().waitFor();
      await expectAccessible();
    },
  );

  test("a client is found, with its devices and calls", async () => {
    await page.goto(at(`/console/clients/${bob.clientId}`));
    await seen(bob.deviceId).waitFor();
    await page.locator(".call-row").nth(1).waitFor();
    await expectAccessible();
  });
});
