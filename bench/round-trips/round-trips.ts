/**
 * AWS requests in sequence, counted at local AWS: every request takes the same virtual time, so the time that passes says how many
 * had to wait for each other. Then the same with drawn latencies, many times over.
 */
import { direct, type DirectCall } from "../baselines/direct.ts";
import { stagePerCallRequest } from "../baselines/stage-per-call.ts";
import { timed } from "../in-virtual-time.ts";
import { openStack, type Stack } from "../stack.ts";
import { randomFrom } from "../random.ts";
import type { BarChart } from "../report/bar-chart.ts";
import { ratio, type Section, type Size } from "../report/section.ts";
import { ANY_INVOCATION, counting, type Delay, delayCalls, tripsIn } from "./delayed-calls.ts";
import { drawn, modelRows } from "./latency-model.ts";
import { measureWaits, phonesOf, type Waits } from "./waits.ts";

const CONTEXT = { accessTokenMinutes: "60", registrationsPerHour: "10000", ringAttemptsPerMinute: "1000" };
const SEED = 7;
const PLAYS = { small: 3, full: 200 } as const;
const START = "initiateCall";
const TO_PUSH = "request → push accepted";
const HANG_UP = "endCall";

export async function measure(size: Size): Promise<Section> {
  using stack = await openStack(CONTEXT);
  async function play(delay: Delay): Promise<Waits> {
    // Access tokens expire while many plays run.
    const phones = await phonesOf(stack.runtime);
    return delayed(stack, delay, () => measureWaits(stack.runtime, phones));
  }
  // The first play loads the functions and fills their memory.
  await play(counting);
  const counts = await play(counting);
  const baselines = await measureBaselines(stack, counting);
  const random = randomFrom(SEED);
  const plays: Waits[] = [];
  for (let index = 0; index < PLAYS[size]; index += 1) plays.push(await play(drawn(random)));
  const beside: BaselineWaits[] = [];
  for (let index = 0; index < PLAYS[size]; index += 1)
    beside.push(await measureBaselines(stack, drawn(random)));
  return {
    text: TEXT,
    tables: [countTable(counts, baselines), latencyTable(plays, beside), MODEL],
    plots: [plot(plays, beside)],
  };
}

const TEXT = [
  "**Requests** are AWS requests of functions and of the workflow that have to wait for each other; **hand-overs** are the times that" +
    " EventBridge or the workflow starts a function in between. *Direct* is the system before this one: the request makes the session" +
    " and its participants by API and waits for the function that pushes; phones get no event of an end. *A stage per call* is this system" +
    " with `CreateStage` in the place of a lease. A *no-op*, an empty handler, makes none.",
];

const MODEL = {
  caption: "The latency model, an assumption (bench/round-trips/latency-model.ts): log-normal, ms",
  head: ["", "p50", "p99"],
  rows: modelRows(),
};

async function delayed<T>({ runtime }: Stack, delay: Delay, work: () => Promise<T>): Promise<T> {
  const stop = delayCalls(runtime.localAws, delay);
  try {
    return await work();
  } finally {
    stop();
  }
}

type BaselineWaits = Readonly<Record<"direct" | "stage per call", Waits>>;

async function measureBaselines(stack: Stack, delay: Delay): Promise<BaselineWaits> {
  const { runtime, clock } = stack;
  const invoke = (): Promise<void> =>
    new Promise((resolve) => void clock.after(delay(ANY_INVOCATION) ?? 0, resolve));
  const before = direct(runtime, invoke);
  return delayed(stack, delay, async () => {
    const [call, startMs]: [DirectCall, number] = await timed(clock, () =>
      before.initiateCall("alice", "bob"),
    );
    const [, endMs] = await timed(clock, () => before.endCall(call, "caller"));
    const [, lastMs] = await timed(clock, () => before.endCall(call, "callee"));
    const [, perCallMs] = await timed(clock, () => stagePerCallRequest(runtime));
    await clock.advance(2_000);
    return {
      direct: { [START]: startMs, [TO_PUSH]: startMs, [HANG_UP]: endMs, "endCall of the other": lastMs },
      "stage per call": { [START]: perCallMs },
    };
  });
}

function countTable(counts: Waits, { direct: before, "stage per call": perCall }: BaselineWaits) {
  const cell = (ms: number | undefined): string => (ms === undefined ? "–" : String(tripsIn(ms).requests));
  const rows = Object.entries(counts).map(([name, ms]) => {
    const { requests, handOvers } = tripsIn(ms);
    const baseline = before[name];
    const compared = baseline === undefined ? "–" : ratio(requests, tripsIn(baseline).requests);
    return [name, String(requests), String(handOvers), cell(baseline), compared, cell(perCall[name])];
  });
  const head = ["", "Requests", "Hand-overs", "Direct", "Ratio to it", "A stage per call"];
  return { caption: "In sequence", head, rows };
}

const of = (plays: readonly Waits[], name: string): number[] =>
  plays.flatMap((waits) => waits[name] ?? []).toSorted((one, other) => one - other);
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

function latencyTable(plays: readonly Waits[], beside: readonly BaselineWaits[]) {
  const before = beside.map((one) => one.direct);
  const rows = Object.keys(plays[0] ?? {}).map((name) => {
    const [ours, theirs] = [of(plays, name), of(before, name)];
    const pair = (sorted: readonly number[]): string[] =>
      sorted.length === 0
        ? ["–", "–"]
        : [quantile(sorted, 0.5), quantile(sorted, 0.99)].map((ms) => String(Math.round(ms)));
    const compared = theirs.length === 0 ? "–" : ratio(quantile(ours, 0.5), quantile(theirs, 0.5));
    return [name, ...pair(ours), ...pair(theirs), compared];
  });
  const head = ["", "p50 ms", "p99 ms", "Direct: p50", "p99", "Ratio of the p50s"];
  return { caption: `By the latency model, ${plays.length} plays`, head, rows };
}

function plot(plays: readonly Waits[], beside: readonly BaselineWaits[]): BarChart {
  const before = beside.map((one) => one.direct);
  const names = [START, TO_PUSH, "answerCall", HANG_UP, "cancel → phone told by push", "hang-up → CallEnded"];
  return {
    kind: "bars",
    title: "Waiting, by the latency model",
    label: "milliseconds",
    series: ["p50", "p99", "direct: p50", "direct: p99"],
    rows: names.map((name) => ({
      name,
      values: [plays, before].flatMap((some) => {
        const sorted = of(some, name);
        return [0.5, 0.99].map((share) => (sorted.length === 0 ? undefined : quantile(sorted, share)));
      }),
    })),
  };
}
