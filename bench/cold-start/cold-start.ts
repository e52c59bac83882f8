/** How long a new instance of each function takes to load, as a whole process, compared with one that has an empty handler. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, bytesAtStart } from "../../infra/bundle.ts";
import { type FunctionName, functionNames } from "../../infra/function-sizes.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { openStack } from "../stack.ts";
import type { BarChart } from "../report/bar-chart.ts";
import { type Section, type Size, whole } from "../report/section.ts";

const DIRECTORY = join(import.meta.dirname, "../../build/bench");
const STARTER = join(import.meta.dirname, "start-once.mjs");
const RUNS = { small: 3, full: 20 } as const;
const EMPTY = "export const handler = async () => undefined;\n";

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Measured {
  readonly name: FunctionName;
  readonly bytes: number;
  readonly own: Start;
  readonly empty: Start;
}

export async function measure(size: Size): Promise<Section> {
  const { directory, metafile } = await bundle({ outputDir: join(DIRECTORY, "bundles") });
  const environments = await environmentsOf(functionNames);
  mkdirSync(DIRECTORY, { recursive: true });
  const empty = join(DIRECTORY, "empty.mjs");
  writeFileSync(empty, EMPTY);
  const measured = functionNames.map((name): Measured => {
    const file = join(directory, name, "index.mjs");
    const env = { ...environments.get(name) };
    const [own, beside]: [Start[], Start[]] = [[], []];
    // In turns, so that other load on the machine affects both. The first of each fills the file caches.
    for (let run = 0; run <= RUNS[size]; run += 1) {
      own.push(startOnce(file, env));
      beside.push(startOnce(empty, env));
    }
    return { name, bytes: bytesAtStart(metafile, name), own: medianOf(own), empty: medianOf(beside) };
  });
  return { text: TEXT, tables: [table(measured, size)], plots: [plot(measured)] };
}

const TEXT = [
  "A new process loads the function's bundle, with its environment, and ends: wall and CPU time of the whole process, beside one that" +
    " loads an empty handler, run in turns. Lambda's own part, fetching the code and starting Node, is the same for all and not in the difference.",
];

/** The environment of each function. */
async function environmentsOf(
  names: readonly FunctionName[],
): Promise<Map<FunctionName, Record<string, string>>> {
  // The stack with every function: only a stack that deletes its bucket has the one that empties it.
  using stack = await openStack({ retain: "false" });
  const environments = new Map<FunctionName, Record<string, string>>();
  for (const name of names) {
    const input = { FunctionName: `ringmaster-${name}` };
    const call = { service: "lambda", operation: "GetFunctionConfiguration", input, caller: PERSON };
    const { Environment } = await stack.runtime.localAws.call(call);
    environments.set(name, (Environment as { Variables: Record<string, string> }).Variables);
  }
  return environments;
}

function startOnce(file: string, env: Record<string, string>): Start {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [STARTER, file], { env, encoding: "utf8" });
  const wallMs = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${file} does not load: ${stderr}`);
  return { wallMs, cpuMs: Number(stdout) / 1_000 };
}

function medianOf(starts: readonly Start[]): Start {
  const median = (values: number[]): number =>
    values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
  const counted = starts.slice(1);
  return {
    wallMs: median(counted.map(({ wallMs }) => wallMs)),
    cpuMs: median(counted.map(({ cpuMs }) => cpuMs)),
  };
}

function table(measured: readonly Measured[], size: Size) {
  const rows = measured.map(({ name, bytes, own, empty }) => [
    name,
    whole(bytes / 1_000),
    own.wallMs.toFixed(0),
    `${(own.wallMs / empty.wallMs).toFixed(2)}×`,
    own.cpuMs.toFixed(0),
    `${(own.cpuMs / empty.cpuMs).toFixed(2)}×`,
  ]);
  const head = ["Function", "kB at start", "Wall ms", "Ratio to empty", "CPU ms", "Ratio to empty"];
  return { caption: `Medians of ${RUNS[size]}`, head, rows };
}

const plot = (measured: readonly Measured[]): BarChart => ({
  kind: "bars",
  title: "Starting a function, against an empty handler",
  label: "times as long",
  series: ["wall", "CPU"],
  rows: measured.map(({ name, own, empty }) => ({
    name,
    values: [own.wallMs / empty.wallMs, own.cpuMs / empty.cpuMs],
  })),
});
