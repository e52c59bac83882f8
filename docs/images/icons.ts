/**
 * `node docs/images/icons.ts`: draws the icons of the installed phone from the ring, in a Chromium. A maskable icon has paper all around,
 * because launchers cut it to their own shape: the ring stays within the 80 % that each of them shows.
 */
import { join } from "node:path";
import { launchBrowser } from "../../test/browser/browser.ts";

const ASSETS = join(import.meta.dirname, "../../web/public/app");
const PAPER = "#f6f2ea";
const COAT = "#b92b1a";

interface Drawn {
  readonly name: string;
  readonly pixels: number;
  /** Of the corners, in percent of the edge; 0 fills the square. */
  readonly corner: number;
  /** Of the ring, in percent of the edge. */
  readonly radius: number;
}

const ICONS: readonly Drawn[] = [
  { name: "phone-180", pixels: 180, corner: 0, radius: 29 },
  { name: "phone-192", pixels: 192, corner: 22, radius: 30 },
  { name: "phone-512", pixels: 512, corner: 22, radius: 30 },
  { name: "phone-maskable-512", pixels: 512, corner: 0, radius: 24 },
];

const drawing = ({ corner, radius }: Drawn): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100%" height="100%">
    <rect width="100" height="100" rx="${corner}" fill="${PAPER}"/>
    <circle cx="50" cy="50" r="${radius}" fill="none" stroke="${COAT}" stroke-width="${radius * 0.45}"/>
    <circle cx="50" cy="50" r="${radius * 0.3}" fill="${COAT}"/>
  </svg>`;

const browser = await launchBrowser();
try {
  for (const icon of ICONS) {
    const size = { width: icon.pixels, height: icon.pixels };
    const page = await browser.newPage({ viewport: size });
    await page.setContent(`<style>body{margin:0}svg{display:block}</style>${drawing(icon)}`);
    await page.screenshot({ path: join(ASSETS, `${icon.name}.png`), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
