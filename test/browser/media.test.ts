/** A call of two pages in a real browser and in real time: each sees the other's camera through the local IVS. */
import "./page-sources.ts";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createPeople } from "../../local/people.ts";
import { type Phone, phone } from "../../local/phones.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

const IVS_SDK = "https://web-broadcast.live-video.net/1.41.0/amazon-ivs-web-broadcast.js";
const SCRIPT = join(import.meta.dirname, "../web/media/stage-page.ts");
/** Lets a test cut the connection to the stage. */
const KEEPS_SOCKETS = `globalThis.sockets = [];
globalThis.WebSocket = class extends WebSocket { constructor(url) { super(url); sockets.push(this); } };`;

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

  /** Alice calls, Bob answers. Returns their participant tokens, and the stage that these open. */
  async function answeredCall() {
    const { alice, bob } = phones;
    const ids = { callerId: alice.clientId, calleeId: bob.clientId };
    const call = await alice.send({ action: "initiateCall", ...ids, media: "video" });
    const answer = await bob.send({ action: "answerCall", callId: call.body["callId"] });
    expect([call.status, answer.status]).toEqual([200, 200]);
    const token = String(call.body["token"]);
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      resource: string;
    };
    const callId = String(call.body["callId"]);
    return { callId, alice: token, bob: String(answer.body["token"]), stageArn: claims.resource };
  }

  async function blankPage(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.addInitScript(KEEPS_SOCKETS);
    await page.goto(`http://127.0.0.1:${servers.port}/stage`);
    return page;
  }

  async function pageOn(token: string): Promise<Page> {
    const page = await blankPage();
    await page.evaluate(`media.join(${JSON.stringify(token)})`);
    return page;
  }

  async function twoPages() {
    const { stageArn, callId, ...tokens } = await answeredCall();
    const [alice, bob] = await Promise.all([pageOn(tokens.alice), pageOn(tokens.bob)]);
    return { alice, bob, stageArn, callId };
  }

  /** That many videos of others are shown, and each goes on moving. */
  async function expectVideos(page: Page, count: number): Promise<void> {
    await page.waitForFunction(`media.frames().length === ${count}`);
    const seen = (await page.evaluate("media.frames()")) as number[];
    const further = `media.frames().every((frames, at) => frames > [${seen.join()}][at] + 3)`;
    await page.waitForFunction(`media.frames().length === ${count} && ${further}`);
  }

  /** A line of what the page heard, with people's names. */
  async function expectHeard(page: Page, line: string): Promise<void> {
    const { alice, bob } = phones;
    const named = line.replace("Alice", alice.clientId).replace("Bob", bob.clientId);
    await page.waitForFunction(`media.heard.includes(${JSON.stringify(named)})`);
  }

  const ivs = (operation: string, input: Shape): Promise<Shape> =>
    runtime.localAws.call({ service: "ivs", operation, input, caller: PERSON });

  test("both pages show the other's camera, and see it muted, switched off and on again", async () => {
    const { alice, bob } = await twoPages();
    await Promise.all([expectVideos(alice, 1), expectVideos(bob, 1)]);
    await alice.evaluate(`media.mute("audio", true)`);
    await expectHeard(bob, "muted Alice audio");
    await alice.evaluate(`media.publishOnly(["audio"])`);
    await expectHeard(bob, "no more of Alice: video");
    await expectVideos(alice, 1);
    await alice.evaluate(`media.publishOnly(["audio", "video"])`);
    await expectVideos(bob, 1);
  });

  test("a page that hangs up disappears from the other, and nothing plays any more", async () => {
    const { alice, bob, stageArn } = await twoPages();
    await Promise.all([expectVideos(alice, 1), expectVideos(bob, 1)]);
    await alice.evaluate("media.leave()");
    await expectHeard(bob, "gone Alice");
    expect([await alice.evaluate("media.frames()"), await bob.evaluate("media.frames()")]).toEqual([[], []]);
    expect(await alice.evaluate("media.heard.slice(-2)")).toEqual([
      "connection disconnected",
      "left: user-initiated",
    ]);
    expect(runtime.ivs.participantsOf(stageArn)).toMatchObject([{ userId: phones.bob.clientId }]);
  });

  test("a page that loses the stage plays on, rejoins with its token, and is seen again", async () => {
    const { alice, bob, callId } = await twoPages();
    await Promise.all([expectVideos(alice, 1), expectVideos(bob, 1)]);
    await alice.evaluate("sockets.at(-1).close()");
    await expectHeard(alice, "connection errored");
    await Promise.all([expectVideos(alice, 1), expectVideos(bob, 1)]);
    const { body } = await phones.alice.send({ action: "rejoinCall", callId });
    await alice.evaluate(`media.rejoin(${JSON.stringify(body["token"])})`);
    await expectVideos(alice, 1);
    // A participant has one connection: the lost one is removed before it times out.
    await expectHeard(bob, "gone Alice");
    await expectVideos(bob, 1);
  });

  test("a page publishes and receives what its token allows and its strategy asks for", async () => {
    const { bob: token, stageArn } = await answeredCall();
    const issue = async (capability: string): Promise<string> => {
      const input = { stageArn, userId: capability, capabilities: [capability] };
      const { participantToken } = await ivs("CreateParticipantToken", input);
      return (participantToken as { token: string }).token;
    };
    const [bob, watcher, camera] = await Promise.all([
      pageOn(token),
      pageOn(await issue("SUBSCRIBE")),
      pageOn(await issue("PUBLISH")),
    ]);
    await Promise.all([expectVideos(bob, 1), expectVideos(watcher, 2)]);
    expect(await camera.evaluate("media.frames()")).toEqual([]);
    const publishing = runtime.ivs.participantsOf(stageArn).filter((one) => one.publishing);
    expect(publishing.map(({ userId }) => userId).toSorted()).toEqual(
      [phones.bob.clientId, "PUBLISH"].toSorted(),
    );
    await watcher.evaluate(`media.subscribe("audio_only")`);
    await expectHeard(watcher, "no more of Bob: video");
    await watcher.evaluate(`media.subscribe("audio_video")`);
    await expectVideos(watcher, 2);
  });

  test("a track that is removed and added again at once arrives", async () => {
    const page = await blankPage();
    await page.evaluate(`media.linkPeers()`);
    await page.waitForFunction(`media.painted() > 3`);
    await page.evaluate(`media.blink()`);
    const painted = Number(await page.evaluate(`media.painted()`));
    await page.waitForFunction(`media.painted() > ${painted + 20}`);
    expect(await page.evaluate(`media.heard`)).toEqual([]);
  });

  test("a page that IVS disconnects gets the reason, and one that is closed disappears", async () => {
    const { alice, bob, stageArn } = await twoPages();
    const [first] = runtime.ivs.participantsOf(stageArn);
    const [page, other] = first?.userId === phones.alice.clientId ? [alice, bob] : [bob, alice];
    await ivs("DisconnectParticipant", { stageArn, participantId: first?.participantId });
    await expectHeard(page, "left: participant-disconnected");
    await other.close();
    await runtime.localAws.clock.until(() =>
      runtime.ivs.participantsOf(stageArn).every((one) => one.vanished),
    );
    expect(runtime.ivs.participantsOf(stageArn)).toHaveLength(1);
  });

  test("on AWS the SDK comes from AWS, a failure says what to do, and the next call tries again", async () => {
    const page = await blankPage();
    const load = `loadStage("aws").then((sdk) => Object.keys(sdk).join(), (error) => error.message)`;
    await page.route(IVS_SDK, (route) => route.abort());
    expect(await page.evaluate(load)).toContain(`Allow ${IVS_SDK} and call again`);
    const body = "globalThis.IVSBroadcastClient = { Stage: class {}, LocalStageStream: class {} }";
    await page.route(IVS_SDK, (route) => route.fulfill({ contentType: "text/javascript", body }));
    expect(await page.evaluate(load)).toBe("Stage,LocalStageStream");
  });
});
