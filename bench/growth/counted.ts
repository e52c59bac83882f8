/** The cost of one act: requests to AWS, units of the tables, and CPU time of this process. */
import { inVirtualTime } from "../in-virtual-time.ts";
import type { Stack } from "../stack.ts";

export interface Counted {
  readonly size: number;
  /** The result of the act, if it is a number. */
  readonly outcome?: number;
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly cpuMs: number;
}

/** Not counted: polls of the queues, and schedules. */
const APART: ReadonlySet<string> = new Set(["ReceiveMessage", "Invoke"]);
/** Everything that follows from an act is over after this time. */
const QUIET_MS = 20_000;

/** The average over that many runs, without the first if there are several. `between` restores the state. */
export interface Act {
  readonly times: number;
  readonly act: () => Promise<unknown>;
  readonly between?: () => Promise<unknown>;
}

export async function counted(stack: Stack, size: number, { times, act, between }: Act): Promise<Counted> {
  const { runtime, clock } = stack;
  const { localAws } = runtime;
  let requests = 0;
  const stop = localAws.observe((told) => {
    const isRequest = told.kind === "aws-call" && told.caller.kind === "role" && !APART.has(told.operation);
    if (isRequest) requests += 1;
  });
  const total = { requests: 0, readUnits: 0, writeUnits: 0, cpuMs: 0 };
  for (let turn = times === 1 ? 1 : 0; turn <= times; turn += 1) {
    const [before, cpuBefore] = [{ ...localAws.units }, process.cpuUsage()];
    requests = 0;
    await inVirtualTime(clock, act());
    await clock.advance(QUIET_MS);
    const { user, system } = process.cpuUsage(cpuBefore);
    const spent = (unit: string): number => (localAws.units[unit] ?? 0) - (before[unit] ?? 0);
    if (turn > 0) {
      total.requests += requests;
      total.readUnits += spent("dynamodb:read-unit");
      total.writeUnits += spent("dynamodb:write-unit");
      total.cpuMs += (user + system) / 1_000;
    }
    await between?.();
    await clock.advance(QUIET_MS);
  }
  stop();
  return {
    size,
    requests: total.requests / times,
    readUnits: total.readUnits / times,
    writeUnits: total.writeUnits / times,
    cpuMs: total.cpuMs / times,
  };
}
