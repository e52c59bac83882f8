/**
 * Deletes clients by the thousand through the template and its bundles, in virtual time: how long, how many batches at once,
 * what it costs, and whether anything is left behind. `npm run bench:clean-up -- --clients 1000 --clients 10000`
 */
import { parseArgs } from "node:util";
import { virtualClock } from "../packages/local-aws/src/clock.ts";
import { PERSON } from "../packages/local-aws/src/local-aws.ts";
import { createPeople, signIn } from "../local/people.ts";
import { type Runtime, startRuntime } from "../packages/local-aws/src/runtime.ts";
import { synthesize } from "../local/synthesize.ts";
import { type CleanUpRun, tableOf } from "./clean-up-table.ts";
import { passCalls } from "./passing-calls.ts";
import { plantClients, whatIsLeft } from "./planted-clients.ts";
import { dollarsOf } from "./prices.ts";
import { openRunMeter } from "./run-meter.ts";

/** Real time for eight batches at one virtual moment, on a busy machine. */
const PATIENCE_MS = 600_000;
/** The number of stages that a deployment makes. */
const MOST_STAGES = 1_000;
const TOLD_EVERY_CLIENTS = 50_000;

/** In a process or a test of its own, because virtual time replaces the globals. */
export async function measureCleanUp(assembly: string, clients: number): Promise<CleanUpRun> {
  const clock = virtualClock(undefined, PATIENCE_MS);
  const runtime = await startRuntime({ assembly, clock, lazyFunctions: true });
  try {
    await createPeople(runtime);
    await clock.advance(90_000);
    return await run(runtime, await plantClients(runtime, clients));
  } finally {
    runtime.stop();
    clock.dispose();
  }
}

async function run(runtime: Runtime, clients: readonly string[]): Promise<CleanUpRun> {
  const { localAws } = runtime;
  const meter = openRunMeter(
    runtime,
    teller(localAws.clock.now(), () => [meter.clientsDone(), localAws.clock.now()]),
  );
  const accessToken = await signIn(runtime, "alice");
  const calls = await passCalls(runtime, { accessToken, clients, done: () => meter.clientsDone() });
  await localAws.clock.advance(10_000);
  const [startedAtMs, realStartedAtMs, cpuBefore] = [
    localAws.clock.now(),
    performance.now(),
    process.cpuUsage(),
  ];
  await putList(runtime, clients);
  await localAws.clock.until(() => meter.report() !== undefined);
  const endedAtMs = localAws.clock.now();
  const { deleted, callsEnded, failed } = meter.report() ?? {};
  calls.stop();
  // The calls' own workflows close them, a moment after the last client is deleted.
  await localAws.clock.advance(5_000);
  meter.stop();
  const units = meter.units();
  return {
    clients: clients.length,
    calls: calls.begun.length,
    refused: calls.refused(),
    deleted: Number(deleted),
    callsEnded: Number(callsEnded),
    failed: Number(failed),
    seconds: (endedAtMs - startedAtMs) / 1_000,
    realSeconds: (performance.now() - realStartedAtMs) / 1_000,
    cpuSeconds: cpuSecondsSince(cpuBefore),
    memoryMb: process.memoryUsage().rss / 1024 ** 2,
    mostBatchesAtOnce: meter.mostBatchesAtOnce(),
    peaks: meter.peaks,
    units,
    dollars: dollarsOf(units),
    left: await whatIsLeft(runtime, new Set(calls.begun)),
  };
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Starts a deletion like an operator. */
async function putList({ localAws, outputs }: Runtime, clients: readonly string[]): Promise<void> {
  const Body = clients.map((id) => `"${id}"\n`).join("");
  const input = { Bucket: outputs["CleanUpBucketName"], Key: "deletions/bench.jsonl", Body };
  await localAws.call({ service: "s3", operation: "PutObject", input, caller: PERSON });
}

/** Prints a line now and then, so that a run of an hour shows its progress. */
function teller(sinceMs: number, look: () => readonly [number, number]): () => void {
  let next = TOLD_EVERY_CLIENTS;
  return () => {
    const [done, nowMs] = look();
    if (done < next) return;
    next += TOLD_EVERY_CLIENTS;
    const memory = Math.round(process.memoryUsage().rss / 1024 ** 2);
    console.error(`${done} clients, ${((nowMs - sinceMs) / 1000).toFixed(0)} s (virtual), ${memory} MB`);
  };
}

const problemsOf = ({ left, failed, deleted, clients, calls, callsEnded }: CleanUpRun): string[] => [
  ...left,
  ...(failed > 0 || deleted !== clients ? [`${deleted} of ${clients} deleted, ${failed} failed`] : []),
  ...(callsEnded === calls ? [] : [`${callsEnded} of ${calls} calls ended by the deletion`]),
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { clients: { type: "string", multiple: true } } });
  const sizes = (values.clients ?? ["1000"]).map(Number);
  // All calls belong to one person, who signs in once.
  const context = {
    minStages: String(MOST_STAGES),
    maxStages: String(MOST_STAGES),
    ringAttemptsPerMinute: "1000",
    accessTokenMinutes: "60",
  };
  const { directory: assembly } = await synthesize({ context });
  const runs: CleanUpRun[] = [];
  for (const size of sizes) {
    runs.push(await measureCleanUp(assembly, size));
    // A later run may be stopped, so the results so far are printed.
    console.error(tableOf(runs));
  }
  console.log(tableOf(runs));
  const problems = runs.flatMap(problemsOf);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}

if (import.meta.main) await main();
