/** Horizontal bars: a group for each row, with a bar for each series. */
import { linearScale, tickLabel } from "./scale.ts";
import { bodyTop, escaped, frame, MOST_SERIES, WIDTH } from "./svg.ts";

export interface BarChart {
  readonly kind: "bars";
  readonly title: string;
  readonly label: string;
  readonly series: readonly string[];
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[];
}

const [LEFT, RIGHT, BOTTOM, BAR, GAP] = [240, 56, 40, 12, 10];

export function barChart({ title, label, series, rows }: BarChart): string {
  const top = bodyTop(series);
  const groupHeight = BAR * series.length + GAP;
  const bottom = top + groupHeight * rows.length;
  const all = rows.flatMap(({ values }) => values.map((value) => value ?? 0));
  const scale = linearScale(Math.max(0, ...all));
  const x = (value: number): number => LEFT + scale.at(value) * (WIDTH - LEFT - RIGHT);
  const grid = scale.ticks.map(
    (tick) =>
      `<line class="grid" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${top}" y2="${bottom}"/><text x="${x(tick).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${tickLabel(tick)}</text>`,
  );
  const groups = rows.map(({ name, values }, row) => {
    const groupTop = top + row * groupHeight + GAP / 2;
    const bars = values.map((value, index) => {
      if (value === undefined) return "";
      const y = groupTop + index * BAR;
      return `<rect class="s${index % MOST_SERIES}" stroke="none" x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR - 2}"/><text x="${(x(value) + 5).toFixed(1)}" y="${y + 9}" font-size="10">${tickLabel(Number(value.toPrecision(3)))}</text>`;
    });
    const middle = groupTop + (BAR * series.length) / 2 + 3;
    return `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>${bars.join("")}`;
  });
  const below = `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(label)}</text>`;
  return frame({ title, series, height: bottom + BOTTOM, body: [...grid, ...groups, below].join("\n") });
}
