/**
 * `npm run bench` measures everything that docs/performance.md tells and writes it; `npm run bench -- cost growth` some of it.
 * `--small` runs as little as shows that it works.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.ts";
import { writeToPage } from "./report/performance-page.ts";
import { markdownTable, type Section, type Size } from "./report/section.ts";

const HELP = [
  "npm run bench -- [--small] [--no-page] [names]",
  "",
  ...Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(14)}${about}`),
  "",
  "Without names: all. --no-page prints and does not write docs/performance.md.",
  "Beside these: npm run bench:clean-up, bench:million, bench:local-call, bench:console-graph (bench/README.md).",
].join("\n");

interface Asked {
  readonly names: readonly string[];
  readonly size: Size;
  readonly page: boolean;
}

function asked(): Asked | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      small: { type: "boolean", default: false },
      "no-page": { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !(name in BENCHES));
  if (unknown !== undefined) console.error(`no bench is named ${unknown}\n`);
  if (values.help || unknown !== undefined) return undefined;
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  return { names, size: values.small ? "small" : "full", page: !values["no-page"] };
}

async function measure(name: string, { size, page }: Asked): Promise<void> {
  const bench = BENCHES[name];
  if (!bench) return;
  const startedAt = performance.now();
  // For handlers that a bench calls itself. Functions of the stack have an environment of their own.
  Object.assign(process.env, { POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" });
  const loaded = await bench.load();
  const section = await loaded.measure(size);
  console.log(`\n${bench.title}\n\n${inTerminal(section)}\n`);
  console.log(`${name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  if (page) writeToPage({ name, title: bench.title, size, section }, Object.keys(BENCHES));
}

const inTerminal = ({ text, tables }: Section): string =>
  [...text, ...tables.map(markdownTable)].join("\n\n");

/** One after another, so that no bench disturbs the next. */
function measureEach({ names, size, page }: Asked): number {
  const flags = [...(size === "small" ? ["--small"] : []), ...(page ? [] : ["--no-page"])];
  const failed = names.filter((name) => {
    const args = [...process.execArgv, import.meta.filename, ...flags, name];
    return spawnSync(process.execPath, args, { stdio: "inherit" }).status !== 0;
  });
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

const wanted = asked();
if (!wanted) console.log(HELP);
else if (wanted.names.length > 1) process.exitCode = measureEach(wanted);
else {
  await measure(wanted.names[0] ?? "", wanted);
  process.exit();
}
