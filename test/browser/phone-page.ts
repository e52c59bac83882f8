/** The browser phone of somebody, as a test uses it: by what can be read and pressed on it. */
import type { Page } from "playwright-core";

/** Whoever has no name yet takes the one that is proposed. */
export async function openPhone(page: Page, url: string, query: string): Promise<void> {
  await page.goto(`${url}/phone?${query}`);
  const ready = page.getByRole("navigation", { name: "Pages" });
  const save = page.getByRole("button", { name: "Save" });
  await ready.or(save).waitFor();
  if (await save.isVisible()) await save.click();
  await ready.waitFor();
}

/** Of two that do the same the first: beside the lists, a wide page offers the last calls again. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).first().click();

/** Comes to say so in the heading of the call. */
export const expectHeading = (page: Page, name: string): Promise<void> =>
  page.getByRole("region", { name: "Call" }).getByRole("heading", { name, exact: true }).waitFor();

export const expectText = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor();

/**
 * In the page: whether the other side's picture has moved since it was first asked. A new picture counts from its own beginning: one that
 * replaces another after a long call would otherwise have all of that call's frames to catch up with.
 */
const MOVES = `(() => {
  const picture = document.querySelector(".other-picture");
  if (!picture) return false;
  const frames = picture.getVideoPlaybackQuality().totalVideoFrames;
  picture.firstFrames = Math.min(picture.firstFrames ?? frames, frames);
  return frames > picture.firstFrames + 3;
})()`;

/** The other side's picture moves. */
export async function expectPicture(page: Page): Promise<void> {
  await page.evaluate(
    `document.querySelectorAll(".other-picture").forEach((picture) => delete picture.firstFrames)`,
  );
  await page.waitForFunction(MOVES);
}
