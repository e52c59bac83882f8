/** The result of a bench: text, tables and plots, for the terminal and docs/performance.md. */
import type { BarChart } from "./bar-chart.ts";
import type { LineChart } from "./line-chart.ts";

export interface Table {
  readonly caption?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Section {
  /** What was compared, and how to read it, in paragraphs. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
  readonly plots?: readonly (LineChart | BarChart)[];
}

/** The size of the run: a short check, or the published one. */
export type Size = "small" | "full";

export function markdownTable({ caption, head, rows }: Table): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [row(head), row(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(row)];
  return [...(caption ? [`**${caption}**`, ""] : []), ...lines].join("\n");
}

/** The ratio to the baseline, as `3.2×`. */
export const ratio = (value: number, baseline: number): string =>
  baseline === 0 ? "–" : `${(value / baseline).toFixed(2)}×`;

export const whole = (amount: number): string => Math.round(amount).toLocaleString("en");
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
