/** A person's browser phone in a test, used through its visible texts and buttons. */
import type { Page } from "playwright-core";

/** A person without a name takes the proposed one. */
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

/** Waits until the heading of the call has this text. */
export const expectHeading = (page: Page, name: string): Promise<void> =>
  page.getByRole("region", { name: "Call" }).getByRole("heading", { name, exact: true }).waitFor();

export const expectText = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor();

/**
 * Runs in the page: whether the other side's picture has moved since the first question. A new picture starts counting again, because
 * one that replaces another after a long call would otherwise have to catch up with all of that call's frames.
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
