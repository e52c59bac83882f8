/**
 * Tells which test files take the most processor time, and which have grown by half since their budget was written
 * (`cpu-budgets.json`). Machines differ: what the whole run takes more or less than its budgets is not held against a file.
 * `CPU_BUDGETS=write npm test -- --reporter=./test/cpu-reporter.ts` writes the budgets of a whole run.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

const BUDGETS = new URL("cpu-budgets.json", import.meta.url);
const ROWS = 10;
const GROWN_BY = 1.5;
/** What a file must have grown by at least: what workers load is counted for the file that needs it first. */
const GROWN_SECONDS = 2;

export type Budgets = Readonly<Record<string, number>>;

export default class CpuReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const used = Object.fromEntries(
      modules.map((module) => [relative("", module.moduleId), module.meta().cpuSeconds ?? 0]),
    );
    if (process.env["CPU_BUDGETS"] === "write") writeFileSync(BUDGETS, textOf(used));
    const budgets = JSON.parse(readFileSync(BUDGETS, "utf8")) as Budgets;
    console.log(`\n${reportOf(used, budgets)}`);
  }
}

function textOf(used: Budgets): string {
  const rounded = Object.entries(used).map(([file, seconds]) => [file, Number(seconds.toFixed(1))] as const);
  const sorted = rounded.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`;
}

export function reportOf(used: Budgets, budgets: Budgets): string {
  const sum = (seconds: readonly number[]): number => seconds.reduce((total, one) => total + one, 0);
  const known = Object.entries(used).filter(([file]) => file in budgets);
  const pace = sum(known.map(([, one]) => one)) / sum(known.map(([file]) => budgets[file] ?? 0)) || 1;
  const dearest = Object.entries(used).toSorted(([, one], [, other]) => other - one);
  const grown = known.filter(([file, seconds]) => {
    const expected = (budgets[file] ?? 0) * pace;
    return seconds > expected * GROWN_BY && seconds > expected + GROWN_SECONDS;
  });
  return [
    `Processor time of test files: ${sum(Object.values(used)).toFixed(0)} s, ${pace.toFixed(2)} times their budgets. The dearest:`,
    ...dearest.slice(0, ROWS).map(([file, seconds]) => row(file, seconds, budgets[file])),
    ...(grown.length === 0 ? [] : ["Grown by half or more, measured against the others:"]),
    ...grown.map(([file, seconds]) => row(file, seconds, budgets[file])),
  ].join("\n");
}

const row = (file: string, seconds: number, budget: number | undefined): string =>
  `${seconds.toFixed(1).padStart(7)} s  ${file}${budget === undefined ? " (no budget yet)" : ` (budget ${budget} s)`}`;
