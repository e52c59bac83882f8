/** Watches one deletion: batches at once, units and their peaks, and how far it is. */
import { ClientsDeleted } from "../events/clients-deleted.ts";
import type { Shape } from "../packages/local-aws/src/door.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";
import { CLEAN_UP_BATCH } from "../calls/limits.ts";

const SECOND_MS = 1_000;
const READS = "dynamodb:read-unit";
const WRITES = "dynamodb:write-unit";

export interface RunMeter {
  /** What ClientsDeleted says, once it is published. */
  report(): Shape | undefined;
  /** Clients in batches that have ended. */
  clientsDone(): number;
  mostBatchesAtOnce(): number;
  /** The most units in one second of virtual time, of all tables. */
  readonly peaks: { reads: number; writes: number };
  /** Since the meter was opened. */
  units(): Record<string, number>;
  stop(): void;
}

export function openRunMeter({ door }: Runtime, onSecond: () => void = () => undefined): RunMeter {
  const before = { ...door.units };
  const peaks = { reads: 0, writes: 0 };
  let [running, most, ended, stopped] = [0, 0, 0, false];
  let report: Shape | undefined;
  const stopObserving = door.observe((happening) => {
    if (happening.kind === "event" && happening.detailType === ClientsDeleted.name)
      report = happening.detail as Shape;
    if (!("machine" in happening) || !happening.machine.startsWith("clean-up/")) return;
    if (happening.kind === "execution-started") most = Math.max(most, (running += 1));
    if (happening.kind === "execution-ended") [running, ended] = [running - 1, ended + 1];
  });
  const unit = (name: string): number => door.units[name] ?? 0;

  function eachSecond(reads = unit(READS), writes = unit(WRITES)): void {
    if (stopped) return;
    door.clock.after(SECOND_MS, () => {
      peaks.reads = Math.max(peaks.reads, unit(READS) - reads);
      peaks.writes = Math.max(peaks.writes, unit(WRITES) - writes);
      onSecond();
      eachSecond();
    });
  }
  eachSecond();

  return {
    report: () => report,
    clientsDone: () => ended * CLEAN_UP_BATCH,
    mostBatchesAtOnce: () => most,
    peaks,
    units: () =>
      Object.fromEntries(
        Object.entries(door.units).map(([name, amount]) => [name, amount - (before[name] ?? 0)]),
      ),
    stop() {
      stopped = true;
      stopObserving();
    },
  };
}
