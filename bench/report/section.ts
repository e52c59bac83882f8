/** What a bench found: text, tables and plots, as the terminal and docs/performance.md show them. */
import type { BarChart } from "./bar-chart.ts";
import type { LineChart } from "./line-chart.ts";

export interface Table {
  readonly caption?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Section {
  /** What was measured against what, and what to read off it. A paragraph each. */
  readonly text: readonly string[];
  readonly tables: readonly Table[];
  readonly plots?: readonly (LineChart | BarChart)[];
}

/** How much is run: whether everything works, or what is published. */
export type Size = "small" | "full";

export function markdownTable({ caption, head, rows }: Table): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [row(head), row(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(row)];
  return [...(caption ? [`**${caption}**`, ""] : []), ...lines].join("\n");
}

/** `3.2×` what the baseline has. */
export const ratio = (value: number, baseline: number): string =>
  baseline === 0 ? "–" : `${(value / baseline).toFixed(2)}×`;

export const whole = (amount: number): string => Math.round(amount).toLocaleString("en");
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
