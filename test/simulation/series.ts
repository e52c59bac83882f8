/** Runs of the model, one seed after the other, and what they add up to. */
import { FAULT_KINDS, type FaultKind, type FaultLevel } from "./faults.ts";
import { CALLS_A_RUN } from "./plan.ts";
import { run, type RunOptions, type RunReport } from "./run.ts";
import { shrink, type Shrunk } from "./shrink.ts";

export interface SeriesOptions extends Pick<RunOptions, "handlers" | "onlyFaults" | "onlyActs"> {
  readonly faults: FaultLevel;
  readonly seed: number;
  /** At least as many are made. */
  readonly calls: number;
  readonly onProgress?: (line: string) => void;
}

export interface SeriesResult {
  readonly calls: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly summary: string;
  readonly first: RunReport | undefined;
  readonly failure?: { readonly seed: number; readonly shrunk: Shrunk };
}

const PROGRESS_CALLS = 4_000;

export async function simulate(options: SeriesOptions): Promise<SeriesResult> {
  const { seed: firstSeed, faults, onProgress = () => undefined, ...ofRun } = options;
  const met = new Map<FaultKind, number>();
  const endings = new Map<string, number>();
  const began = process.cpuUsage();
  let [calls, first]: [number, RunReport | undefined] = [0, undefined];
  let failure: SeriesResult["failure"];
  for (let seed = firstSeed; calls < options.calls && !failure; seed += 1) {
    const one: RunOptions = { ...ofRun, seed, calls: CALLS_A_RUN, faults };
    const report = await run(one);
    first ??= report;
    calls += report.calls;
    for (const [reason, count] of Object.entries(report.endings)) {
      endings.set(reason, (endings.get(reason) ?? 0) + count);
    }
    for (const { kind } of report.met) met.set(kind, (met.get(kind) ?? 0) + 1);
    if (report.violations.length > 0) failure = { seed, shrunk: await shrink(one, report) };
    if (calls % PROGRESS_CALLS < CALLS_A_RUN) onProgress(`${calls} calls, seed ${seed}`);
  }
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1e6;
  const counted = Object.fromEntries(
    FAULT_KINDS.flatMap((kind) => (met.has(kind) ? [[kind, met.get(kind)]] : [])),
  );
  const summary = [
    `${calls} calls, ${[...met.values()].reduce((sum, count) => sum + count, 0)} faults, ` +
      `${failure ? "a violation" : "no violation"}, ${seconds.toFixed(0)} s of CPU (${((seconds * 1000) / calls).toFixed(1)} ms a call)`,
    `ended: ${[...endings].map(([reason, count]) => `${count} ${reason}`).join(", ")}`,
    ...Object.entries(counted).map(([kind, count]) => `${String(count).padStart(8)}  ${kind}`),
  ].join("\n");
  return { calls, faults: counted, summary, first, ...(failure && { failure }) };
}
