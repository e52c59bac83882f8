/** The frame of a plot: its colours for a light and a dark page, its title and its legend. */

/** Colours that differ for colour-blind people, on white and on black. */
const SERIES_COLOURS = ["#2b6cb0", "#c05621", "#2f855a", "#805ad5", "#b7791f", "#c53030"];
const DARK_SERIES_COLOURS = ["#63b3ed", "#f6ad55", "#68d391", "#b794f4", "#ecc94b", "#fc8181"];
export const MOST_SERIES = SERIES_COLOURS.length;

export const WIDTH = 760;
const LEGEND_LINE = 20;
const LETTER = 6.6;

export interface Frame {
  readonly title: string;
  readonly series: readonly string[];
  readonly height: number;
  readonly body: string;
}

/** The y at which the body begins, below title and legend. */
export const bodyTop = (series: readonly string[]): number => 44 + LEGEND_LINE * legendRows(series).length;

export function frame({ title, series, height, body }: Frame): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style()}</style>`,
    `<text class="title" x="16" y="26">${escaped(title)}</text>`,
    legend(series),
    body,
    "</svg>\n",
  ].join("\n");
}

function style(): string {
  const rules = (colours: readonly string[]): string =>
    colours.map((colour, index) => `.s${index}{stroke:${colour};fill:${colour}}`).join("");
  return [
    "text{font:12px system-ui,sans-serif;fill:#2d3748;stroke:none}.title{font-size:15px;font-weight:600}",
    ".grid{stroke:#cbd5e0;stroke-width:1}.line{fill:none;stroke-width:2}.dash{stroke-dasharray:6 4}",
    rules(SERIES_COLOURS),
    // A class of its own after the colours, so that lines stay unfilled.
    ".line{fill:none}",
    `@media(prefers-color-scheme:dark){text{fill:#e2e8f0}.grid{stroke:#4a5568}${rules(DARK_SERIES_COLOURS)}.line{fill:none}}`,
  ].join("");
}

/** The names with their colours, as many in a row as fit. */
function legendRows(
  series: readonly string[],
): { readonly name: string; readonly index: number; readonly x: number }[][] {
  const rows: { name: string; index: number; x: number }[][] = [];
  let x = Infinity;
  for (const [index, name] of series.entries()) {
    const width = 34 + name.length * LETTER;
    if (x + width > WIDTH - 16) [x] = [16, rows.push([])];
    rows.at(-1)?.push({ name, index, x });
    x += width;
  }
  return rows;
}

function legend(series: readonly string[]): string {
  return legendRows(series)
    .flatMap((row, line) => {
      const y = 48 + LEGEND_LINE * line;
      return row.map(
        ({ name, index, x }) =>
          `<rect class="s${index % MOST_SERIES}" x="${x}" y="${y - 9}" width="12" height="9"/><text x="${x + 18}" y="${y}">${escaped(name)}</text>`,
      );
    })
    .join("\n");
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
