/**
 * docs/performance.md: a section for each bench, between marks, so that one bench replaces its own and leaves the others. The
 * plots stand beside it as SVG.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { barChart } from "./bar-chart.ts";
import { lineChart } from "./line-chart.ts";
import { markdownTable, type Section, type Size } from "./section.ts";

const PAGE = join(import.meta.dirname, "../../docs/performance.md");
const FORMATTER = join(import.meta.dirname, "../../node_modules/.bin/oxfmt");
const IMAGES = join(import.meta.dirname, "../../docs/images/performance");

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly size: Size;
  readonly section: Section;
}

const begin = (name: string): string => `<!-- bench ${name} begins -->`;
const end = (name: string): string => `<!-- bench ${name} ends -->`;

/** The sections are in the order of `names`. */
export function writeToPage(measured: Measured, names: readonly string[]): void {
  const old = readPage();
  const sections = new Map(names.flatMap((name) => ofPage(old, name)));
  sections.set(measured.name, [begin(measured.name), render(measured), end(measured.name)].join("\n"));
  const ordered = names.flatMap((name) => sections.get(name) ?? []);
  writeFileSync(PAGE, `${[HEAD, ...ordered].join("\n\n")}\n`);
  spawnSync(FORMATTER, [PAGE]);
}

const HEAD = [
  "# Performance",
  "",
  "Printed by `npm run bench`, a section by each of its benches (`bench/README.md` says what they stand on). What is counted, and what",
  "takes virtual time, is the same on every machine. What takes real time is not: there the ratio to the baseline of the same run counts.",
].join("\n");

function readPage(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return "";
  }
}

function ofPage(page: string, name: string): [string, string][] {
  const [from, to] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  return from < 0 || to < from ? [] : [[name, page.slice(from, to + end(name).length)]];
}

function render({ name, title, size, section }: Measured): string {
  const command = `npm run bench -- ${name}${size === "small" ? " --small" : ""}`;
  const partly =
    size === "small" ? " A small size: it shows that the bench works, and is no measurement." : "";
  const images = (section.plots ?? []).map((plot, index) => {
    const file = `${name}-${index + 1}.svg`;
    mkdirSync(IMAGES, { recursive: true });
    writeFileSync(join(IMAGES, file), plot.kind === "lines" ? lineChart(plot) : barChart(plot));
    return `![${plot.title}](images/performance/${file})`;
  });
  return [
    `## ${title}`,
    "",
    `\`${command}\` on ${machine()}.${partly}`,
    ...[...section.text, ...section.tables.map(markdownTable), ...images].flatMap((part) => ["", part]),
  ].join("\n");
}

export function machine(): string {
  const [first] = cpus();
  return `${cpus().length} cores of ${first?.model.trim() ?? "an unknown processor"}, Node ${process.versions.node}`;
}
