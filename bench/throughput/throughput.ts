/** Calls that begin under IVS's quotas, with the pool and with a stage per call: every run in a process of its own, two at a time. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { LineChart } from "../report/line-chart.ts";
import { percent, ratio, type Section, type Size, type Table, whole } from "../report/section.ts";
import { ceiling, stagesFor, WARM_UP_MINUTES } from "./ceiling.ts";
import type { ScenarioResult } from "./run-scenario.ts";
import { FULL, type Scenario, SMALL, validated } from "./scenarios.ts";
import { lasting, type Tally, total } from "./tally.ts";

const PROCESSES = 2;
const FLAGS = ["--max-old-space-size=9000", "--max-semi-space-size=128", ...process.execArgv];

export async function measure(size: Size): Promise<Section> {
  const scenarios = size === "full" ? FULL : SMALL;
  const results = await runAll(scenarios);
  const steady = results.filter(
    ({ scenario: { perSecond, trouble } }) => perSecond !== undefined && !trouble,
  );
  return {
    text: TEXT,
    tables: [
      steadyTable(steady),
      burstTable(results.filter(({ scenario }) => scenario.burst !== undefined)),
      troubleTable(results.filter(({ scenario }) => scenario.trouble)),
      validationTable(results),
      costTable(results),
    ].filter(({ rows }) => rows.length > 0),
    plots: plots(steady, results),
  };
}

const TEXT = [
  "Calls come at random (Poisson); half is answered after 8 s and lasts 180 s, the rest is missed, declined after 5 s, or cancelled" +
    " after 10 s. IVS's rates are enforced, its quotas of stages and publishers are raised. *Whole* calls go through the REST API, every" +
    " function's bundle, and the workflow. *Leases* are the real admission, rules, and closing of a call on the real adapters, and the" +
    " real keeper; no pushes, workflow or signatures. The baseline is a stage per call: `CreateStage` with the tokens inside, the same" +
    " arrivals, the same IVS, 5 a second.",
  "**Lasting** is what is served a second from the eighth minute on, when the stages of a full pool have been given out and have come" +
    " back; the **ceiling** is the formula of docs/scale.md, capped by what is offered. Callers join the stage when they are answered, or" +
    " *at once*: then IVS has a session on the stage of every call, which outlives it by the 3 minutes of the local IVS.",
];

async function runAll(scenarios: readonly Scenario[]): Promise<ScenarioResult[]> {
  const waiting = [...scenarios];
  const results = new Map<string, ScenarioResult>();
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await runApart(next.name);
      results.set(next.name, result);
      console.error(
        `${next.name}: ${total(result.tally.served)} of ${total(result.tally.offered)} served, ${result.cpuSeconds.toFixed(0)} s of CPU, ${result.memoryMb.toFixed(0)} MB`,
      );
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, lane));
  return scenarios.flatMap(({ name }) => results.get(name) ?? []);
}

/** Functions of this process's own have nothing to print: their metrics and logs are not looked at. */
function runApart(name: string): Promise<ScenarioResult> {
  const env = { ...process.env, POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" };
  const child = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, "run-scenario.ts"), name], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => void parts.push(part));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(parts).toString()) as ScenarioResult);
      else reject(new Error(`the run ${name} ended with exit code ${code}`));
    });
  });
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "–" : `${(ms / 1_000).toFixed(1)} s`);
const stagesOf = ({ stages }: Scenario): string => (stages === "fresh" ? "fresh" : whole(stages));
/** In a run that is shorter than that, its last minute. */
const warmUp = ({ minutes }: Scenario): number => Math.min(WARM_UP_MINUTES, minutes - 1);

/** The ceiling of these arrivals: what the stages allow, or all of it. */
function ceilingOf({ tally, ringSeconds, scenario }: ScenarioResult): number {
  const { stages, callersJoin } = scenario;
  const offered = lasting(tally.offered, warmUp(scenario));
  return stages === "fresh" ? offered : Math.min(offered, ceiling({ stages, ringSeconds, callersJoin }));
}

function steadyTable(results: readonly ScenarioResult[]): Table {
  return {
    caption: "Steady",
    head: [
      "Stages",
      "Calls",
      "Offered /s",
      "Served",
      "Refused",
      "First refusal",
      "Lasting /s",
      "Share of the ceiling",
      "A stage per call, lasting /s",
      "Ratio",
      "Failed",
    ],
    rows: results.map((result) => {
      const { scenario, tally, baseline } = result;
      const from = warmUp(scenario);
      const served = lasting(tally.served, from);
      const beside = baseline ? lasting(baseline.served, from) : 0;
      return [
        stagesOf(scenario),
        scenario.callersJoin === "at once" ? `${scenario.calls}, joined at once` : scenario.calls,
        String(scenario.perSecond),
        whole(total(tally.served)),
        whole(total(tally.refused)),
        seconds(tally.firstRefusalMs),
        served.toFixed(2),
        percent(served / ceilingOf(result)),
        beside.toFixed(2),
        ratio(served, beside),
        whole(total(tally.failed)),
      ];
    }),
  };
}

function burstTable(results: readonly ScenarioResult[]): Table {
  const cells = (tally: Tally): string[] => [whole(total(tally.served)), whole(total(tally.refused))];
  return {
    caption: "In one second",
    head: ["Stages", "Calls", "Served", "Refused", "First refusal", "A stage per call: served", "refused"],
    rows: results.map(({ scenario, tally, baseline }) => [
      stagesOf(scenario),
      String(scenario.burst),
      ...cells(tally),
      seconds(tally.firstRefusalMs),
      ...(baseline ? cells(baseline) : ["–", "–"]),
    ]),
  };
}

function troubleTable(results: readonly ScenarioResult[]): Table {
  return {
    caption: "Trouble for ten minutes",
    head: [
      "Trouble",
      "Stages",
      "Offered /s",
      "Served before /s",
      "during /s",
      "from 5 minutes after on /s",
      "First refusal",
      "Failed",
    ],
    rows: results.flatMap(({ scenario, tally }) => {
      const { trouble, perSecond } = scenario;
      if (!trouble) return [];
      const { kind, from, to } = trouble;
      const between = (first: number, last: number): string =>
        lasting(tally.served.slice(0, last), first).toFixed(2);
      const cells = [between(0, from), between(from, to), between(to + 5, tally.served.length)];
      return [
        [
          kind,
          stagesOf(scenario),
          String(perSecond),
          ...cells,
          seconds(tally.firstRefusalMs),
          whole(total(tally.failed)),
        ],
      ];
    }),
  };
}

/** Leases stand for calls if both are served alike. */
function validationTable(results: readonly ScenarioResult[]): Table {
  const pair = validated(results.map(({ scenario }) => scenario));
  const rows = (pair ?? []).flatMap((scenario) => {
    const result = results.find((one) => one.scenario.name === scenario.name);
    if (!result) return [];
    const { tally, free } = result;
    const least = Math.min(...free);
    return [
      [
        scenario.calls,
        stagesOf(scenario),
        String(scenario.perSecond),
        whole(total(tally.served)),
        whole(total(tally.refused)),
        seconds(tally.firstRefusalMs),
        whole(least),
        whole(free.at(-1) ?? 0),
      ],
    ];
  });
  const head = [
    "Calls",
    "Stages",
    "Offered /s",
    "Served",
    "Refused",
    "First refusal",
    "Free stages, least",
    "at the end",
  ];
  return { caption: "Leases stand for whole calls: the same arrivals", head, rows };
}

function costTable(results: readonly ScenarioResult[]): Table {
  return {
    caption: "What it took this machine",
    head: ["Run", "CPU s", "CPU ms a call asked for", "MB"],
    rows: results.map(({ scenario, tally, cpuSeconds, memoryMb }) => [
      scenario.name,
      whole(cpuSeconds),
      ((1_000 * cpuSeconds) / Math.max(1, total(tally.offered))).toFixed(1),
      whole(memoryMb),
    ]),
  };
}

function plots(steady: readonly ScenarioResult[], all: readonly ScenarioResult[]): LineChart[] {
  const perSecond = (counts: readonly number[]) =>
    counts.map((amount, minute): [number, number] => [minute + 1, amount / 60]);
  const minutes = (title: string, results: readonly ScenarioResult[]): LineChart[] =>
    results.length === 0
      ? []
      : [
          {
            kind: "lines",
            title,
            x: { label: "minute" },
            y: { label: "served a second" },
            series: results.slice(0, 6).map(({ scenario, tally }) => ({
              name: `${scenario.trouble?.kind ?? `${scenario.perSecond}/s of ${stagesOf(scenario)}`}`,
              points: perSecond(tally.served),
            })),
          },
        ];
  return [
    ...minutes(
      "Served, minute by minute",
      steady.filter(({ scenario }) => scenario.calls === "leases"),
    ),
    ...minutes(
      "Served while something is wrong from minute 5 to 15",
      all.filter(({ scenario }) => scenario.trouble),
    ),
    ...ceilingPlot(steady),
  ];
}

/** Offered less than this share of the ceiling, a pool shows what was offered and not what it can. */
const SATURATED = 0.95;

/** What lasts over the number of stages, beside the formula and a stage per call. */
function ceilingPlot(steady: readonly ScenarioResult[]): LineChart[] {
  const pooled = steady.filter(
    ({ scenario }) => scenario.calls === "leases" && scenario.callersJoin === "on answer",
  );
  const best = new Map<number, number>();
  for (const { scenario, tally, ringSeconds } of pooled) {
    if (scenario.stages === "fresh") continue;
    const served = lasting(tally.served, warmUp(scenario));
    const offered = lasting(tally.offered, warmUp(scenario));
    if (offered < SATURATED * ceiling({ stages: scenario.stages, ringSeconds, callersJoin: "on answer" }))
      continue;
    best.set(scenario.stages, Math.max(best.get(scenario.stages) ?? 0, served));
  }
  const pool = { ringSeconds: pooled[0]?.ringSeconds ?? 45, callersJoin: "on answer" } as const;
  const measured = [...best].toSorted(([one], [other]) => one - other);
  if (measured.length < 2) return [];
  const formula = measured.map(([stages]): [number, number] => [stages, ceiling({ stages, ...pool })]);
  return [
    {
      kind: "lines",
      title: `Calls a second that last: 250 a second need ${whole(stagesFor(250, pool))} stages`,
      x: { label: "stages", log: true },
      y: { label: "calls a second", log: true },
      series: [
        { name: "served", points: measured },
        { name: "ceiling", points: formula, dashed: true },
        { name: "a stage per call", points: measured.map(([stages]) => [stages, 5]), dashed: true },
      ],
    },
  ];
}
