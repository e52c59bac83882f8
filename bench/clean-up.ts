/**
 * Deletes clients by the thousand through the template and its bundles, in virtual time: how long, how many batches at once,
 * what it costs, and whether anything is left behind. `npx node bench/clean-up.ts --clients 1000 --clients 10000`
 */
import { parseArgs } from "node:util";
import { virtualClock } from "../local/clock.ts";
import { PERSON, type Shape } from "../local/door.ts";
import { createPeople, signIn } from "../local/people.ts";
import { type Runtime, startRuntime } from "../local/runtime.ts";
import { synthesize } from "../local/synthesize.ts";
import { PRICES } from "./prices.ts";
import { plantClients, startCalls, whatIsLeft } from "./planted-clients.ts";

export interface CleanUpRun {
  readonly clients: number;
  /** Calls that two of the clients are in. */
  readonly calls: number;
  readonly deleted: number;
  readonly callsEnded: number;
  readonly failed: number;
  /** Virtual: pauses and quotas, without the time that work takes inside AWS. */
  readonly seconds: number;
  readonly mostBatchesAtOnce: number;
  readonly units: Readonly<Record<string, number>>;
  readonly dollars: number;
  readonly left: readonly string[];
}

/** Real time that eight batches at one virtual moment may take, on a machine that is busy with other things. */
const PATIENCE_MS = 600_000;

/** In a process of its own or a test of its own: virtual time replaces the globals. */
export async function measureCleanUp(assembly: string, clients: number): Promise<CleanUpRun> {
  const clock = virtualClock(undefined, PATIENCE_MS);
  const runtime = await startRuntime({ assembly, clock, lazyFunctions: true });
  try {
    await createPeople(runtime);
    // The pool of stages is filled by the first runs of keep-stages.
    await clock.advance(90_000);
    const ids = await plantClients(runtime, clients);
    const calls = await startCalls(runtime, await signIn(runtime, "alice"), ids, Math.ceil(clients / 200));
    await clock.advance(10_000);
    return await run(runtime, ids, calls);
  } finally {
    runtime.stop();
    clock.dispose();
  }
}

async function run(runtime: Runtime, ids: readonly string[], calls: readonly string[]): Promise<CleanUpRun> {
  const { door } = runtime;
  const watch = watchBatches(runtime);
  const before = { ...door.units };
  const startedAtMs = door.clock.now();
  const Body = ids.map((id) => `"${id}"\n`).join("");
  const input = { Bucket: runtime.outputs["CleanUpBucketName"], Key: "deletions/bench.jsonl", Body };
  await door.call({ service: "s3", operation: "PutObject", input, caller: PERSON });
  await door.clock.until(() => watch.report() !== undefined);
  const { deleted, callsEnded, failed } = watch.report() ?? {};
  const endedAtMs = door.clock.now();
  const units = Object.fromEntries(
    Object.entries(door.units).map(([unit, amount]) => [unit, amount - (before[unit] ?? 0)]),
  );
  // The calls' own workflows close them, a moment later than the last client goes.
  await door.clock.advance(5_000);
  return {
    clients: ids.length,
    calls: calls.length,
    deleted: Number(deleted),
    callsEnded: Number(callsEnded),
    failed: Number(failed),
    seconds: (endedAtMs - startedAtMs) / 1_000,
    mostBatchesAtOnce: watch.most(),
    units,
    dollars: Object.entries(units).reduce((sum, [unit, amount]) => sum + amount * (PRICES[unit] ?? 0), 0),
    left: await whatIsLeft(runtime, calls),
  };
}

function watchBatches({ door }: Runtime) {
  let [running, most] = [0, 0];
  let report: Shape | undefined;
  door.observe((happening) => {
    if (happening.kind === "event" && happening.detailType === "ClientsDeleted")
      report = happening.detail as Shape;
    if (!("machine" in happening) || !happening.machine.startsWith("clean-up/")) return;
    if (happening.kind === "execution-started") most = Math.max(most, (running += 1));
    if (happening.kind === "execution-ended") running -= 1;
  });
  return { report: () => report, most: () => most };
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

function tableOf(runs: readonly CleanUpRun[]): string {
  const units = [...new Set(runs.flatMap(({ units: each }) => Object.keys(each)))].filter(
    (unit) => unit in PRICES,
  );
  const line = (title: string, value: (run: CleanUpRun) => string | number) => row(title, ...runs.map(value));
  return [
    line("Clients", ({ clients }) => clients.toLocaleString("en")),
    row("---", ...runs.map(() => "---:")),
    line("in calls", ({ calls }) => calls * 2),
    line("deleted / calls ended / failed", (one) => `${one.deleted} / ${one.callsEnded} / ${one.failed}`),
    line("seconds (virtual)", ({ seconds }) => seconds.toFixed(1)),
    line("batches at once, at most", ({ mostBatchesAtOnce }) => mostBatchesAtOnce),
    line("left behind", ({ left }) => left.length),
    ...units
      .toSorted()
      .map((unit) => line(`\`${unit}\``, (one) => Number((one.units[unit] ?? 0).toFixed(1)))),
    line("cost at list prices", ({ dollars }) => `$${dollars.toFixed(4)}`),
  ].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { clients: { type: "string", multiple: true } } });
  const sizes = (values.clients ?? ["1000"]).map(Number);
  const assembly = await synthesize({ out: "cdk.out/bench", context: { stagePoolTarget: "200" } });
  const runs: CleanUpRun[] = [];
  for (const size of sizes) {
    const startedAtMs = performance.now();
    runs.push(await measureCleanUp(assembly, size));
    console.error(
      `${size} clients: ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s of this machine`,
    );
  }
  console.log(tableOf(runs));
  const problems = runs.flatMap(({ left, failed, clients }) => [
    ...left,
    ...(failed > 0 ? [`${failed} of ${clients} failed`] : []),
  ]);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}

if (import.meta.main) await main();
