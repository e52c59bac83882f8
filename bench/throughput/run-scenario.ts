/** One run of the throughput bench, in a process of its own. Its result goes to the parent as JSON. */
import { type Clock, virtualClock } from "../../packages/local-aws/src/clock.ts";
import { AwsError, openLocalAws, PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { createIvsRealtime } from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import { createPeople } from "../../local/people.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { synthesize } from "../../local/synthesize.ts";
import { stagePerCall } from "../baselines/stage-per-call.ts";
import type { Arrival } from "./arrivals.ts";
import { DEPLOYED_STAGES, settingsFor } from "./deployment.ts";
import { leanDocuments } from "./lean-documents.ts";
import { type CallMaker, leasedCalls } from "./leased-calls.ts";
import { countFree, plantStages } from "./planted-pool.ts";
import { arrivals, MINUTE_MS, type Scenario, scenarioNamed, SEEDS } from "./scenarios.ts";
import { count, newTally, type Tally } from "./tally.ts";
import { wholeCalls } from "./whole-calls.ts";

/** Real time for a busy second at one virtual moment, on a busy machine. */
const PATIENCE_MS = 600_000;
/** Calls that one person may have open in a run of whole calls. */
const MOST_OPEN = 1_600;
const KEEPER = "ringmaster-keep-stages";

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly tally: Tally;
  readonly baseline?: Tally;
  /** Free stages at the start of each minute, and at the end. */
  readonly free: readonly number[];
  readonly ringSeconds: number;
  readonly cpuSeconds: number;
  readonly memoryMb: number;
}

async function runScenario(scenario: Scenario): Promise<ScenarioResult> {
  const cpuBefore = process.cpuUsage();
  const { directory: assembly } = await synthesize({ context: settingsFor(scenario) });
  const clock = virtualClock(undefined, PATIENCE_MS);
  // AWS raises both on request. All other quotas are as published.
  const ivsQuotas = { stages: 200_000, publishers: 200_000 };
  const runtime = await startRuntime({ assembly, clock, lazyFunctions: true, ivsQuotas });
  try {
    await createPeople(runtime);
    const environment = await environmentOf(runtime, "ringmaster-rest-entrypoint");
    if (scenario.calls === "leases") standAlone(runtime);
    if (scenario.stages !== "fresh") await plantStages(runtime, scenario.stages - DEPLOYED_STAGES);
    makeTrouble(runtime, scenario);
    const ringSeconds = Number(environment["RING_SECONDS"]);
    const maker = await makerFor(runtime, scenario, environment);
    const free = watchFree(runtime, scenario.minutes);
    const tally = await drive(clock, scenario, maker);
    runtime.stop();
    const baseline = scenario.baseline ? await driveBaseline(clock, scenario, ringSeconds) : undefined;
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      scenario,
      tally,
      ...(baseline && { baseline }),
      free: free.counts,
      ringSeconds,
      cpuSeconds: (user + system) / 1e6,
      memoryMb: process.memoryUsage().rss / 1024 ** 2,
    };
  } finally {
    runtime.stop();
    clock.dispose();
  }
}

async function makerFor(
  runtime: Runtime,
  { calls, callersJoin }: Scenario,
  environment: Readonly<Record<string, string>>,
): Promise<CallMaker> {
  if (calls === "whole") return wholeCalls(runtime, { mostOpen: MOST_OPEN, callersJoin });
  leanDocuments(runtime.localAws);
  return leasedCalls(runtime, { environment, seed: SEEDS.calls, callersJoin });
}

async function environmentOf({ localAws }: Runtime, FunctionName: string): Promise<Record<string, string>> {
  const operation = "GetFunctionConfiguration";
  const reply = await localAws.call({
    service: "lambda",
    operation,
    input: { FunctionName },
    caller: PERSON,
  });
  return (reply["Environment"] as { Variables: Record<string, string> }).Variables;
}

/** Leases have no workflow, so that repairs would take them for broken calls. Only the keeper's schedule runs. */
function standAlone({ localAws }: Runtime): void {
  localAws.interfere({
    service: "lambda",
    operation: "Invoke",
    where: ({ input, caller }) =>
      caller.kind === "role" &&
      caller.arn.includes("schedule") &&
      !String(input["FunctionName"]).includes(KEEPER),
    times: Number.POSITIVE_INFINITY,
    fault: async () => ({ StatusCode: 202, Payload: null }),
  });
  localAws.interfere({
    service: "events",
    operation: "PutServiceEvent",
    times: Number.POSITIVE_INFINITY,
    fault: async () => ({}),
  });
}

const IVS_OPERATIONS = [
  "CreateStage",
  "DeleteStage",
  "GetStage",
  "ListStages",
  "ListParticipants",
  "DisconnectParticipant",
];

function makeTrouble({ localAws }: Runtime, { trouble }: Scenario): void {
  if (!trouble) return;
  const { kind, from, to } = trouble;
  const fromMs = localAws.clock.now() + from * MINUTE_MS;
  const isNow = (): boolean => {
    const nowMs = localAws.clock.now();
    return nowMs >= fromMs && nowMs < fromMs + (to - from) * MINUTE_MS;
  };
  const always = { times: Number.POSITIVE_INFINITY, where: isNow };
  if (kind === "keeper dead") {
    const where = ({ input }: { input: Record<string, unknown> }) =>
      isNow() && String(input["FunctionName"]).includes(KEEPER);
    const fault = async () => ({ StatusCode: 202, Payload: null });
    localAws.interfere({ ...always, service: "lambda", operation: "Invoke", where, fault });
    return;
  }
  const fault = async (): Promise<never> => {
    throw new AwsError("ThrottlingException", "Rate exceeded", 429);
  };
  for (const operation of IVS_OPERATIONS) localAws.interfere({ ...always, service: "ivs", operation, fault });
}

function watchFree(runtime: Runtime, minutes: number): { readonly counts: number[] } {
  const counts: number[] = [];
  const { clock } = runtime.localAws;
  const look = async (): Promise<void> => {
    counts.push(await countFree(runtime));
    if (counts.length <= minutes) clock.after(MINUTE_MS, () => void clock.hold(look));
  };
  clock.after(0, () => void clock.hold(look));
  return { counts };
}

/** Plays the arrivals, each planned after the one before, until the last minute is over. */
async function drive(clock: Clock, scenario: Scenario, maker: CallMaker): Promise<Tally> {
  const tally = newTally(scenario.minutes);
  const startMs = clock.now();
  const coming = arrivals(scenario);
  const arrive = async ({ atMs, ending }: Arrival): Promise<void> => {
    count(tally, atMs, await maker.begin(ending));
  };
  const next = (): void => {
    const { value } = coming.next();
    if (!value) return;
    const arrival: Arrival = value;
    clock.after(startMs + arrival.atMs - clock.now(), () => {
      void arrive(arrival);
      next();
    });
  };
  next();
  await clock.advance(scenario.minutes * MINUTE_MS);
  return tally;
}

/** On an IVS of its own with the published quotas, without the pool's requests. */
async function driveBaseline(clock: Clock, scenario: Scenario, ringSeconds: number): Promise<Tally> {
  const authorizer = { check: () => undefined };
  const localAws = openLocalAws({
    clock,
    authorizer,
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  localAws.register(createIvsRealtime(localAws).service);
  return drive(clock, scenario, stagePerCall(localAws, ringSeconds, SEEDS.baseline));
}

if (import.meta.main) {
  const [name] = process.argv.slice(2);
  const result = await runScenario(scenarioNamed(name));
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
