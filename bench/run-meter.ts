/** Watches one deletion: simultaneous batches, units and their peaks, and progress. */
import { ClientsDeleted } from "../events/clients-deleted.ts";
import type { Shape } from "../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";
import { CLEAN_UP_BATCH } from "../calls/limits.ts";

const SECOND_MS = 1_000;
const READS = "dynamodb:read-unit";
const WRITES = "dynamodb:write-unit";

export interface RunMeter {
  /** The detail of ClientsDeleted, once it is published. */
  report(): Shape | undefined;
  /** Clients in finished batches. */
  clientsDone(): number;
  mostBatchesAtOnce(): number;
  /** The most units in one second of virtual time, over all tables. */
  readonly peaks: { reads: number; writes: number };
  /** Since the meter was opened. */
  units(): Record<string, number>;
  stop(): void;
}

export function openRunMeter({ localAws }: Runtime, onSecond: () => void = () => undefined): RunMeter {
  const before = { ...localAws.units };
  const peaks = { reads: 0, writes: 0 };
  let [running, most, ended, stopped] = [0, 0, 0, false];
  let report: Shape | undefined;
  const stopObserving = localAws.observe((event) => {
    if (event.kind === "event" && event.detailType === ClientsDeleted.name) report = event.detail as Shape;
    if (!("machine" in event) || !event.machine.startsWith("clean-up/")) return;
    if (event.kind === "execution-started") most = Math.max(most, (running += 1));
    if (event.kind === "execution-ended") [running, ended] = [running - 1, ended + 1];
  });
  const unit = (name: string): number => localAws.units[name] ?? 0;

  function eachSecond(reads = unit(READS), writes = unit(WRITES)): void {
    if (stopped) return;
    localAws.clock.after(SECOND_MS, () => {
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
        Object.entries(localAws.units).map(([name, amount]) => [name, amount - (before[name] ?? 0)]),
      ),
    stop() {
      stopped = true;
      stopObserving();
    },
  };
}
