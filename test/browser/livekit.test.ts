/** The browser phone at a real LiveKit server, in real time: left out if there is no server or no browser on this machine. */
import "./page-sources.ts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { roomService } from "../../handlers/media/livekit/room-service.ts";
import { DEVELOPMENT_KEY } from "../../local/livekit-server.ts";
import { mediaServer } from "../../local/media-server.ts";
import { phone } from "../../local/phones.ts";
import { freePorts, realServer } from "../livekit/real-server.ts";
import { launchBrowser } from "./browser.ts";
import { expectHeading, expectPicture, openPhone, press } from "./phone-page.ts";
import { type Stack, startStack } from "./stack.ts";

const binary = realServer();
/** Longer than the server takes to miss a page (20 s), a blink (20 s), and the time between two checks (20 s). */
const DROPPED_MS = 110_000;

describe.skipIf(!binary)("phones at a LiveKit server", () => {
  let stack: Stack;
  let browser: Browser;
  let url: string;
  let alice: Page;
  let bob: Page;

  beforeAll(async () => {
    const port = await freePorts();
    const media = mediaServer({ LIVEKIT_SERVER: binary }, port);
    url = `ws://127.0.0.1:${port}`;
    [stack, browser] = await Promise.all([startStack({ context: media.context, media }), launchBrowser()]);
    [alice, bob] = [await newWindow("alice"), await newWindow("bob")];
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  async function newWindow(person: string): Promise<Page> {
    const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
    await openPhone(page, stack.url, `as=${person}`);
    return page;
  }

  async function talk(): Promise<void> {
    await press(alice, "Call Bob Brown with video");
    await press(bob, "Answer");
    await Promise.all([expectPicture(alice), expectPicture(bob)]);
  }

  /** Rooms of the server, by its own word. */
  async function rooms(): Promise<number> {
    const keys = async () => ({ current: DEVELOPMENT_KEY, all: [DEVELOPMENT_KEY] });
    const service = roomService({ url, keys, now: () => Date.now() });
    const reply = await service.request({ method: "ListRooms", grant: { roomList: true }, body: {} });
    return typeof reply === "object" ? (reply.body as { rooms: unknown[] }).rooms.length : -1;
  }
  const emptied = () =>
    vi.waitFor(async () => expect(await rooms()).toBe(0), { timeout: 60_000, interval: 200 });

  test("see each other's pictures, and their room is gone after they hung up", async () => {
    await talk();
    expect(await rooms()).toBe(1);
    await press(bob, "Hang up");
    await expectHeading(alice, "Bob Brown hung up");
    await Promise.all([press(alice, "Close"), press(bob, "Close")]);
    await emptied();
  });

  test("are off the room at once when an operator has removed one, and the room is gone", async () => {
    await talk();
    const [operator, callee] = [await phone(stack.runtime, "olivia"), await phone(stack.runtime, "bob")];
    const { body } = await callee.send({ action: "getClient", clientId: callee.clientId });
    await operator.send({ action: "endCall", callId: body["activeCallId"], clientId: callee.clientId });
    await expectHeading(bob, "You were removed from the call");
    await emptied();
    await Promise.all([press(alice, "Close"), press(bob, "Close")]);
  });

  test("end a call as dropped when one page was killed, once two checks did not find it", async () => {
    await talk();
    // The page's process ends: no word of it, neither to the API nor to the server.
    await bob.goto("chrome://crash").catch(() => undefined);
    await alice
      .getByRole("region", { name: "Call" })
      .getByRole("heading", { name: "The call broke off" })
      .waitFor({ timeout: DROPPED_MS });
    await emptied();
    expect(await rooms()).toBe(0);
  });
});
