/** A call of two pages in a real browser, in real time: each sees the other's camera through the local IVS. */
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { PERSON } from "../../local/door.ts";
import { createPeople } from "../../local/people.ts";
import { type Phone, phone } from "../../local/phones.ts";
import { type Runtime, startRuntime } from "../../local/runtime.ts";
import { listen, type Servers } from "../../local/servers.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

const SCRIPT = join(import.meta.dirname, "../web/media/stage-page.ts");

describe.skipIf(!hasBrowser())("in a browser", () => {
  let runtime: Runtime;
  let servers: Servers;
  let browser: Browser;
  let phones: { alice: Phone; bob: Phone };

  beforeAll(async () => {
    const built = await build({ entryPoints: [SCRIPT], bundle: true, format: "esm", write: false });
    const script = built.outputFiles[0]?.text ?? "";
    runtime = await startRuntime({ assembly: inject("assembly") });
    await createPeople(runtime);
    phones = { alice: await phone(runtime, "alice"), bob: await phone(runtime, "bob") };
    const html = `<!doctype html><title>stage</title><script type="module">${script}</script>`;
    const pages = ({ path }: { path: string }) =>
      path === "/stage" ? { status: 200, headers: { "content-type": "text/html" }, body: html } : undefined;
    servers = await listen(runtime, { port: 0, awsPort: 0, pages });
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const { alice } = phones;
    await alice.send({ action: "endCall", clientId: alice.clientId });
  });
  afterAll(async () => {
    await browser?.close();
    await servers?.close();
    runtime?.stop();
  });

  /** Alice calls, Bob answers: their participant tokens. */
  async function answeredCall(): Promise<{ alice: string; bob: string }> {
    const { alice, bob } = phones;
    const ids = { callerId: alice.clientId, calleeId: bob.clientId };
    const call = await alice.send({ action: "initiateCall", ...ids, media: "video" });
    const answer = await bob.send({ action: "answerCall", callId: call.body["callId"] });
    expect([call.status, answer.status]).toEqual([200, 200]);
    return { alice: String(call.body["token"]), bob: String(answer.body["token"]) };
  }

  async function pageOn(token: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${servers.port}/stage`);
    await page.evaluate(`media.join(${JSON.stringify(token)})`);
    return page;
  }

  async function twoPages(): Promise<{ alice: Page; bob: Page }> {
    const tokens = await answeredCall();
    const [alice, bob] = await Promise.all([pageOn(tokens.alice), pageOn(tokens.bob)]);
    return { alice, bob };
  }

  /** So many of the others' videos are there, and each goes on being painted. */
  async function seesVideos(page: Page, count: number): Promise<void> {
    await page.waitForFunction(`media.frames().length === ${count}`);
    const seen = (await page.evaluate("media.frames()")) as number[];
    await page.waitForFunction(
      `media.frames().length === ${count} && media.frames().every((frames, at) => frames > [${seen.join()}][at] + 5)`,
    );
  }

  const hears = (page: Page, line: string) =>
    page.waitForFunction(`media.heard.some((one) => ${JSON.stringify(line)} === one)`);

  const onStage = () => {
    const [stageArn = ""] = [...stages];
    return runtime.ivs.participantsOf(stageArn);
  };
  const stages = new Set<string>();

  test("both pages play the other's camera", async () => {
    const { alice, bob } = await twoPages();
    await Promise.all([seesVideos(alice, 1), seesVideos(bob, 1)]);
  });
});
