/** The browser phone against a whole stack, in a real browser and in real time. */
import "./page-sources.ts";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./axe.ts";
import { phone } from "../../local/phones.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { expectHeading, expectPicture, expectText, openPhone, press } from "./phone-page.ts";
import { type Stack, startStack } from "./stack.ts";

/** Long enough to answer on a busy machine. One test waits for its end. */
const RING_SECONDS = 15;

describe.skipIf(!hasBrowser())("phones in one browser", () => {
  let stack: Stack;
  let browser: Browser;
  let alice: Page;
  let bob: Page;
  /** The signalling connections of Alice's page, the latest last. */
  const signalling: WebSocketRoute[] = [];

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startStack({ context: { minStages: "5", ringSeconds: String(RING_SECONDS) } }),
      launchBrowser(),
    ]);
    alice = await newWindow();
    await alice.routeWebSocket("**/local/ivs/signalling", (socket) => {
      signalling.push(socket);
      socket.connectToServer();
    });
    bob = await newWindow();
    await Promise.all([openPhone(alice, stack.url, "as=alice"), openPhone(bob, stack.url, "as=bob")]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  /** The browser draws a tab behind another once a second, and moving rings cost time without a graphics card. */
  const newWindow = async (): Promise<Page> => {
    const size = { width: 900, height: 640 };
    return (await browser.newContext({ reducedMotion: "reduce", viewport: size })).newPage();
  };
  const both = (expected: (page: Page) => Promise<void>) => Promise.all([expected(alice), expected(bob)]);
  const close = (...pages: Page[]) => Promise.all(pages.map((page) => press(page, "Close")));

  test("a call rings and is answered, and each page plays the other's picture", async () => {
    await press(alice, "Call Bob Brown with video");
    await expectHeading(bob, "Alice Adams");
    await expectText(alice, "Ringing …");
    await press(bob, "Answer");
    await both(expectPicture);
    await expectAccessible(alice);
  });

  test("the other side sees a mute", async () => {
    await press(alice, "Mute");
    await expectText(bob, "Alice Adams has muted the microphone.");
    await press(alice, "Unmute");
  });

  test("a page that is reloaded during a call comes back to it", async () => {
    await bob.reload();
    await both(expectPicture);
    expect(await bob.title()).toBe("In a call with Alice Adams");
  });

  test("a phone that loses the stage comes back to it by itself", async () => {
    await signalling.at(-1)?.close();
    await expectText(alice, "Your connection is lost. Coming back …");
    await expectText(alice, /^0:\d\d$/);
    await both(expectPicture);
  });

  test("a hang-up ends the call on both screens", async () => {
    await press(alice, "Hang up");
    await expectHeading(alice, "You hung up");
    await expectHeading(bob, "Alice Adams hung up");
    await expectAccessible(bob);
    await close(alice, bob);
  });

  test("a page without a network says that calls do not ring there, until the network is back", async () => {
    const banner = bob.getByText("No network. Calls do not ring here.");
    await bob.context().setOffline(true);
    await banner.waitFor();
    await expectAccessible(bob);
    await bob.context().setOffline(false);
    await bob.getByText("Calls do not ring here.").waitFor({ state: "detached" });
    await bob.getByRole("button", { name: "Call Alice Adams", exact: true }).first().waitFor();
  });

  test("the console shows the same", async () => {
    const operator = await newWindow();
    await operator.goto(`${stack.url}/console`);
    const row = operator.locator(".call-row").first();
    expect(await row.innerText()).toMatch(/Alice Adams → Bob Brown[^]*Completed/);
    await operator.close();
  });

  test("a decline ends the call on both screens", async () => {
    await press(alice, "Call Bob Brown");
    await press(bob, "Decline");
    await expectHeading(bob, "You declined");
    await expectHeading(alice, "Bob Brown declined");
    await close(alice, bob);
  });

  test("a caller who cancels leaves a missed call, with a number on the list of calls", async () => {
    await press(alice, "Call Bob Brown");
    await expectHeading(bob, "Alice Adams");
    await press(alice, "Cancel");
    await expectHeading(alice, "You cancelled the call");
    await expectHeading(bob, "Missed call");
    await close(alice, bob);
    await bob.getByRole("link", { name: "Calls 1 missed" }).waitFor();
  });

  test("a second phone that no push reaches rings by updates, and stops after a miss or the first phone's answer", async () => {
    const second = await newWindow();
    await second.route("**/local/push/*", (request) => request.abort());
    await openPhone(second, stack.url, "as=bob&device=2");
    await press(alice, "Call Bob Brown");
    await Promise.all([expectHeading(bob, "Alice Adams"), expectHeading(second, "Alice Adams")]);
    await both(expectAccessible);
    await Promise.all([expectHeading(bob, "Missed call"), expectHeading(second, "Missed call")]);
    await expectHeading(alice, "No answer");
    await close(alice);

    await press(alice, "Call Bob Brown");
    await expectHeading(second, "Alice Adams");
    await press(bob, "Answer");
    await expectHeading(second, "Answered on another of your phones");
    await expectText(alice, "0:01");
    await expectAccessible(alice);
    await expectText(second, "You are in a call with Alice Adams on another phone.");
    await expectAccessible(second);
    await press(second, "Take over");
    await expectHeading(second, "Alice Adams");
    await expectHeading(bob, "Continued elsewhere");
    await expectText(bob, "You are in a call with Alice Adams on another phone.");
    await endByOperator(String(await second.evaluate("sessionStorage.getItem('ringmaster.call.bob.2')")));
    await Promise.all([alice, second].map((page) => expectHeading(page, "An operator ended the call")));
    await bob.getByText("on another phone.").waitFor({ state: "detached" });
    await close(alice, bob);
    await second.close();
  });

  async function endByOperator(callId: string): Promise<void> {
    const operator = await phone(stack.runtime, "olivia", { tokens: {} });
    const { body } = await operator.send({ action: "getCall", callId });
    const { status } = await operator.send({
      action: "endCall",
      callId,
      clientId: body["callerId"],
      everyone: true,
    });
    expect(status).toBe(200);
  }

  test("a call of several shows who rings, joins and leaves, takes one more, and goes on without its caller", async () => {
    const [carol, olivia] = await Promise.all([newWindow(), newWindow()]);
    await Promise.all([openPhone(carol, stack.url, "as=carol"), openPhone(olivia, stack.url, "as=olivia")]);
    const member = (page: Page, name: string, how: string) =>
      page
        .getByRole("list", { name: "In this call" })
        .getByRole("listitem")
        .filter({ hasText: name })
        .getByText(how)
        .waitFor();
    await press(alice, "Call several");
    await alice.getByRole("checkbox", { name: "Choose Bob Brown" }).press("Space");
    await alice.getByRole("checkbox", { name: "Choose Carol Clark" }).press("Space");
    await expectText(alice, "2 people chosen");
    await expectAccessible(alice);
    await press(alice, "Call them");
    await expectText(bob, "with Carol Clark");
    await member(alice, "Bob Brown", "ringing …");
    await press(bob, "Answer");
    await press(carol, "Decline");
    await member(alice, "Bob Brown", "in the call");
    await member(alice, "Carol Clark", "declined");
    await press(bob, "Add people");
    const dialog = bob.getByRole("dialog", { name: "Add people to the call" });
    await dialog.getByRole("checkbox", { name: "Choose Olivia Owens" }).press("Space");
    await expectAccessible(bob);
    await dialog.getByRole("button", { name: "Call them" }).click();
    await press(olivia, "Answer");
    await member(alice, "Olivia Owens", "in the call");
    await expectAccessible(alice);
    await press(alice, "Leave");
    await expectHeading(alice, "You left the call");
    await member(olivia, "Alice Adams", "left");
    await press(olivia, "Leave");
    await expectHeading(bob, "The call is over");
    await close(alice, bob);
    await olivia.context().close();
    await carol.context().close();
  });

  test("the history shows names, and blocking and do-not-disturb are one press away", async () => {
    await bob.getByRole("link", { name: /^Calls/ }).click();
    await bob.getByRole("listitem").filter({ hasText: "Missed" }).first().waitFor();
    await expectAccessible(bob);
    await bob.locator("summary").first().click();
    await press(bob, "Block Alice Adams");
    await bob.getByRole("link", { name: "You" }).click();
    await press(bob, "Unblock");
    await press(bob, "For 1 hour");
    await expectText(bob, /^No call rings until/);
    await expectAccessible(bob);
    await press(alice, "Call Bob Brown");
    await expectHeading(alice, "Not reachable");
    await close(alice);
    await press(bob, "Let calls ring");
    await expectText(bob, "Off: calls ring.");
  });

  test("without a camera the call goes on with sound", async () => {
    await alice.addInitScript(REFUSE_THE_CAMERA);
    await alice.reload();
    await press(alice, "Call Bob Brown with video");
    await press(bob, "Answer");
    await expectPicture(alice);
    await expectText(alice, /The call goes on with sound\.$/);
    await expectText(alice, /^To allow it, click the icon to the left of the address/);
    await expectText(bob, "Alice Adams sends no picture.");
    await press(alice, "Hang up");
    await close(alice, bob);
  });

  test("each language is accessible in both themes, and Arabic runs from right to left", async () => {
    await bob.getByRole("link", { name: "You" }).click();
    for (const [language, title, direction] of [
      ["de", "Nicht stören", "ltr"],
      ["ar", "عدم الإزعاج", "rtl"],
      ["en", "Do not disturb", "ltr"],
    ] as const) {
      await bob.locator(".language select").selectOption(language);
      await bob.getByRole("heading", { name: title }).waitFor();
      expect(await bob.evaluate("document.dir")).toBe(direction);
      for (const colorScheme of ["dark", "light"] as const) {
        await bob.emulateMedia({ colorScheme });
        await expectAccessible(bob);
      }
    }
  });

  test("the page can be installed: its manifest has icons, and its service worker is a script", async () => {
    const typeOf = async (path: string) => (await fetch(`${stack.url}${path}`)).headers.get("content-type");
    const manifest = await (await fetch(`${stack.url}/app/phone.webmanifest`)).json();
    const { icons } = manifest as { readonly icons: readonly { readonly src: string }[] };
    for (const { src } of icons) expect(await typeOf(src)).toBe("image/png");
    expect(icons).toHaveLength(3);
    expect(await typeOf("/app/call-notices.js")).toMatch(/^text\/javascript/);
  });

  test("a page whose session the server has forgotten is signed in again silently", async () => {
    await bob.evaluate(SPOIL_THE_SESSION);
    await bob.reload();
    await expect.poll(() => bob.getByRole("navigation", { name: "Pages" }).count()).toBe(1);
  });

  test("before any script has come a page says what it is, and what it needs to start is small", async () => {
    const page = await newWindow();
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route("**/assets/*.js", (route) => void held.then(() => route.continue()));
    await page.goto(`${stack.url}/phone`, { waitUntil: "commit" });
    await page.getByText("Call people, and be called.").waitFor();
    expect(await bytesOf(page, /\/assets\/.*\.css$/)).toBeLessThan(4_000);
    goOn();
    await expectText(page, /^Ringmaster turns this page into a phone/);
    await expectAccessible(page);
    expect(await bytesOf(page, /\/(?:phone|config\.json|assets\/.*\.(?:js|css))$/)).toBeLessThan(130_000);
    await page.context().close();
  });

  test("a tab that is opened from another one is a phone of its own", async () => {
    const [copy] = await Promise.all([bob.waitForEvent("popup"), bob.evaluate("void open('about:blank')")]);
    await openPhone(copy, stack.url, "as=bob");
    const token = "sessionStorage.getItem('ringmaster.device.bob.1')";
    expect(await copy.evaluate(token)).not.toEqual(await bob.evaluate(token));
    await copy.close();
  });

  test("a new person signs up in another tab with the mailed code, and is found by name", async () => {
    const erin = await bob.context().newPage();
    await erin.goto(`${stack.url}/phone`);
    await press(erin, "Sign up");
    await erin.getByLabel("Username").fill("erin");
    await erin.getByLabel("E-mail").fill("erin@example.com");
    await erin.getByLabel("Password").fill("Erin-arrives-1");
    await erin.locator("form").getByRole("button", { name: "Sign up" }).click();
    await erin.getByRole("link", { name: "/local/mail/erin" }).waitFor();
    await expectAccessible(erin);
    const [mail] = stack.runtime.cognito.mailOf("erin");
    await erin.getByLabel("Code").fill(/\d{6}/.exec(mail?.text ?? "")?.[0] ?? "");
    await press(erin, "Confirm");
    await erin.getByLabel("First name").fill("Erin");
    await erin.getByLabel("Last name").fill("Evans");
    await press(erin, "Save");
    await erin.getByRole("navigation", { name: "Pages" }).waitFor();
    await erin.evaluate(SPOIL_THE_SESSION);
    await erin.reload();
    await expectText(erin, "Your session has ended. Sign in again.");
    await press(erin, "Forgot your password?");
    await expectAccessible(erin);
    await erin.getByLabel("Username").fill("erin");
    await press(erin, "Send a code");
    await erin.getByLabel("New password").waitFor();
    await expectAccessible(erin);
    await erin
      .getByLabel("Code")
      .fill(/\d{6}/.exec(stack.runtime.cognito.mailOf("erin").at(-1)?.text ?? "")?.[0] ?? "");
    await erin.getByLabel("New password").fill("Erin-returns-1");
    await press(erin, "Set password and sign in");
    await erin.getByRole("navigation", { name: "Pages" }).waitFor();
    await alice.getByRole("searchbox").fill("ev");
    await expect(alice.getByRole("button", { name: "Call Erin Evans" }).first().waitFor()).resolves.toBe(
      undefined,
    );
  });

  test("a person who signs up while a page still connects for updates is in its list", async () => {
    const carol = await newWindow();
    let connect: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => (connect = resolve));
    await carol.routeWebSocket("**/graphql/realtime*", (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => void connected.then(() => server.send(message)));
    });
    await openPhone(carol, stack.url, "as=carol");
    const callDave = carol.getByRole("button", { name: "Call Dave Davis", exact: true });
    await carol.getByRole("button", { name: "Call Bob Brown", exact: true }).waitFor();
    await openPhone(await newWindow(), stack.url, "as=dave");
    expect(await callDave.count()).toBe(0);
    connect();
    await callDave.waitFor();
  });
});

const REFUSE_THE_CAMERA = `{
  const all = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    wanted.video ? Promise.reject(new DOMException("no", "NotAllowedError")) : all(wanted);
}`;

const SPOIL_THE_SESSION = `Object.keys(sessionStorage)
  .filter((key) => key.startsWith("ringmaster.session."))
  .forEach((key) => {
    const kept = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify({ ...kept, accessToken: kept.accessToken.slice(0, -9), refreshToken: "none" }));
  })`;

/** Over the wire, as the server has compressed them. */
const bytesOf = async (page: Page, path: RegExp): Promise<number> =>
  Number(
    await page.evaluate(
      `performance.getEntries()
        .filter(({ name }) => ${path}.test(new URL(name, location.href).pathname))
        .reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0)`,
    ),
  );
