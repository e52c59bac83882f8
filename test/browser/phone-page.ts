/** The browser phone of somebody, as a test uses it: by what can be read and pressed on it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Whoever has no name yet takes the one that is proposed. */
export async function openPhone(page: Page, url: string, query: string): Promise<void> {
  await page.goto(`${url}/phone?${query}`);
  const ready = page.getByRole("navigation", { name: "Pages" });
  const save = page.getByRole("button", { name: "Save" });
  await ready.or(save).waitFor();
  if (await save.isVisible()) await save.click();
  await ready.waitFor();
}

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

/** Comes to say so in the heading of the call. */
export const expectHeading = (page: Page, name: string): Promise<void> =>
  page.getByRole("region", { name: "Call" }).getByRole("heading", { name, exact: true }).waitFor();

export const expectText = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor();

/** In the page: how many pictures of the other side were shown. */
const FRAMES = `(document.querySelector(".other-picture")?.getVideoPlaybackQuality().totalVideoFrames ?? 0)`;

/** The other side's picture moves. */
export async function expectPicture(page: Page): Promise<void> {
  const before = Number(await page.evaluate(FRAMES));
  await page.waitForFunction(`${FRAMES} > ${before + 3}`);
}

/** Axe finds nothing serious in what is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>("axe.run(document, { resultTypes: ['violations'] })");
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
