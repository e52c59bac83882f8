/** Makes a failing run smaller: leaves out acts and faults as long as the same rule is still violated. */
import { run, type RunOptions, type RunReport } from "./run.ts";

/** The numbers of what is left; they are options of the replay. */
interface Kept {
  readonly onlyActs: ReadonlySet<number>;
  readonly onlyFaults: ReadonlySet<number>;
}

export interface Shrunk extends Kept {
  readonly report: RunReport;
}

/** Runs that a shrinking may take. */
const MOST_RUNS = 200;

export async function shrink(options: RunOptions, failed: RunReport): Promise<Shrunk> {
  const rules = new Set(failed.violations.map(({ rule }) => rule));
  let budget = MOST_RUNS;
  let best: Shrunk = {
    report: failed,
    onlyActs: options.onlyActs ?? new Set(failed.plan.acts.map(({ number }) => number)),
    onlyFaults: new Set(failed.met.map(({ number }) => number)),
  };

  async function attempt(kept: Kept): Promise<boolean> {
    budget -= 1;
    const report = await run({ ...options, ...kept });
    if (!report.violations.some(({ rule }) => rules.has(rule))) return false;
    best = { ...kept, report };
    return true;
  }

  /** Leaves out all, then halves, then quarters, and so on. */
  async function leaveOut(kind: keyof Kept): Promise<void> {
    for (let size = best[kind].size; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
      for (let from = 0; from < best[kind].size && budget > 0;) {
        const numbers = [...best[kind]];
        const fewer = new Set([...numbers.slice(0, from), ...numbers.slice(from + size)]);
        if (!(await attempt({ ...best, [kind]: fewer }))) from += size;
      }
    }
  }

  await leaveOut("onlyFaults");
  await leaveOut("onlyActs");
  await leaveOut("onlyFaults");
  return best;
}
