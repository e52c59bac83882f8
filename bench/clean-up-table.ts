/** The result of a run of bench/clean-up.ts, and the table of several runs, with a column for each. */
import { PRICES } from "./prices.ts";

export interface CleanUpRun {
  readonly clients: number;
  /** Calls with two of the clients. */
  readonly calls: number;
  /** Requests for calls that were refused at first. */
  readonly refused: number;
  readonly deleted: number;
  readonly callsEnded: number;
  readonly failed: number;
  /** Virtual time: pauses and quotas, without the time that AWS works. */
  readonly seconds: number;
  readonly realSeconds: number;
  /** CPU time of this process, which on a busy machine is less than the real time. */
  readonly cpuSeconds: number;
  /** Memory of this process at the end. */
  readonly memoryMb: number;
  readonly mostBatchesAtOnce: number;
  readonly peaks: { readonly reads: number; readonly writes: number };
  readonly units: Readonly<Record<string, number>>;
  readonly dollars: number;
  readonly left: readonly string[];
}

const whole = (amount: number): string => Math.round(amount).toLocaleString("en");
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const LINES: readonly (readonly [string, (run: CleanUpRun) => string])[] = [
  ["in calls", ({ calls }) => whole(calls * 2)],
  [
    "deleted / calls ended / failed",
    (run) => [run.deleted, run.callsEnded, run.failed].map(whole).join(" / "),
  ],
  ["left behind", ({ left }) => whole(left.length)],
  ["seconds (virtual)", ({ seconds }) => seconds.toFixed(1)],
  ["batches at once, at most", ({ mostBatchesAtOnce }) => whole(mostBatchesAtOnce)],
  ["write units in a second, at most", ({ peaks }) => whole(peaks.writes)],
  ["read units in a second, at most", ({ peaks }) => whole(peaks.reads)],
];
const LAST_LINES: typeof LINES = [
  ["cost at list prices", ({ dollars }) => `$${dollars.toFixed(4)}`],
  ["seconds of this machine", ({ realSeconds }) => whole(realSeconds)],
  ["seconds of its CPU", ({ cpuSeconds }) => whole(cpuSeconds)],
  ["milliseconds of CPU a client", (run) => ((run.cpuSeconds * 1_000) / run.clients).toFixed(1)],
  ["memory of this process", ({ memoryMb }) => `${whole(memoryMb)} MB`],
];

const unitLines = (runs: readonly CleanUpRun[]): typeof LINES =>
  [...new Set(runs.flatMap(({ units }) => Object.keys(units)))]
    .filter((unit) => unit in PRICES)
    .toSorted()
    .map((unit) => [`\`${unit}\``, ({ units }) => whole(units[unit] ?? 0)]);

export function tableOf(runs: readonly CleanUpRun[]): string {
  const lines = [...LINES, ...unitLines(runs), ...LAST_LINES];
  return [
    row(["Clients", ...runs.map(({ clients }) => whole(clients))]),
    row(["---", ...runs.map(() => "---:")]),
    ...lines.map(([title, value]) => row([title, ...runs.map(value)])),
  ].join("\n");
}
