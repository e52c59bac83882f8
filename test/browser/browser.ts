/** The browser of the browser tests: this machine's Chromium, with a fake camera and microphone. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Undefined if there is none: then the browser tests are skipped. */
function browserPath(): string | undefined {
  const places = [
    process.env["CHROMIUM"],
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    chromium.executablePath(),
  ];
  return places.find((place) => place && existsSync(place));
}

/** Tests that use it are skipped without a browser, with one line that says how to get one. */
export function hasBrowser(): boolean {
  if (browserPath()) return true;
  console.warn(
    "test/browser is left out: there is no Chromium. apt-get install -y chromium, or npx playwright-core install chromium",
  );
  return false;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath(),
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--use-fake-ui-for-media-stream",
      // Few frames a second, because the processor encodes and decodes them.
      "--use-fake-device-for-media-stream=fps=10",
      // Pages on one machine connect through it even without a network.
      "--allow-loopback-in-peer-connection",
    ],
  });
}
