/** Lines over an axis of numbers. */
import { linearScale, logScale, type Scale, tickLabel } from "./scale.ts";
import { bodyTop, escaped, frame, MOST_SERIES, WIDTH } from "./svg.ts";

export interface LineChart {
  readonly kind: "lines";
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

interface Axis {
  readonly label: string;
  /** A logarithmic axis. All values are above 0. */
  readonly log?: boolean;
}

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The baseline of the comparison. */
  readonly dashed?: boolean;
}

const [LEFT, RIGHT, BOTTOM, PLOT_HEIGHT] = [64, 24, 46, 240];

export function lineChart({ title, x, y, series }: LineChart): string {
  const names = series.map(({ name }) => name);
  const top = bodyTop(names);
  const height = top + PLOT_HEIGHT + BOTTOM;
  const all = series.flatMap(({ points }) => points);
  const place = placing(
    scaleFor(
      x,
      all.map(([value]) => value),
    ),
    scaleFor(
      y,
      all.map(([, value]) => value),
    ),
    top,
  );
  const lines = series.map(({ points, dashed }, index) => {
    const path = points.map(([px, py]) => `${place.x(px)},${place.y(py)}`).join(" ");
    return `<polyline class="s${index % MOST_SERIES} line${dashed ? " dash" : ""}" points="${path}"/>`;
  });
  const labels = [
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 8}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text transform="translate(16 ${top + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
  ];
  return frame({ title, series: names, height, body: [...place.grid, ...lines, ...labels].join("\n") });
}

const scaleFor = ({ log = false }: Axis, values: readonly number[]): Scale =>
  log ? logScale(values) : linearScale(Math.max(0, ...values));

function placing(xs: Scale, ys: Scale, top: number) {
  const x = (value: number): string => (LEFT + xs.at(value) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string => (top + (1 - ys.at(value)) * PLOT_HEIGHT).toFixed(1);
  const bottom = top + PLOT_HEIGHT;
  const grid = [
    ...ys.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${LEFT - 8}" y="${y(tick)}" dy="4" text-anchor="end">${tickLabel(tick)}</text>`,
    ),
    ...xs.ticks.map(
      (tick) =>
        `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${bottom}" y2="${bottom + 5}"/><text x="${x(tick)}" y="${bottom + 19}" text-anchor="middle">${tickLabel(tick)}</text>`,
    ),
  ];
  return { x, y, grid };
}
