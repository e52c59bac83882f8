/** The runs of the throughput bench: the number of stages, the arrivals, and the failures. */
import type { CallersJoin } from "./ceiling.ts";
import { type Arrival, burst, poisson } from "./arrivals.ts";

export const MINUTE_MS = 60_000;
const SEED = 20_260_101;

export interface Scenario {
  readonly name: string;
  /** Planted stages. A fresh deployment has only those that it makes itself. */
  readonly stages: number | "fresh";
  readonly calls: "whole" | "leases";
  readonly callersJoin: CallersJoin;
  readonly perSecond?: number;
  readonly burst?: number;
  readonly minutes: number;
  /** The failures, and their minutes. */
  readonly trouble?: {
    readonly kind: "keeper dead" | "IVS throttles";
    readonly from: number;
    readonly to: number;
  };
  /** Plays a stage per call beside it, with the same arrivals. */
  readonly baseline: boolean;
}

const steady = (calls: Scenario["calls"], perSecond: number, stages: number, minutes = 15): Scenario => ({
  name: `${calls}-${perSecond}-of-${stages}${minutes === 15 ? "" : `-for-${minutes}`}`,
  stages,
  calls,
  callersJoin: "on answer",
  perSecond,
  minutes,
  baseline: true,
});

const bursts = (calls: number, stages: Scenario["stages"]): Scenario => ({
  name: `burst-${calls}-of-${stages}`,
  stages,
  calls: "leases",
  callersJoin: "on answer",
  burst: calls,
  minutes: 5,
  baseline: true,
});

const joinedAtOnce = (scenario: Scenario): Scenario => ({
  ...scenario,
  name: `${scenario.name}-joined-at-once`,
  callersJoin: "at once",
});

/** Twenty a second, all of which a pool of 5,000 serves: ten minutes of failures, and ten to recover. */
const troubled = (name: string, kind: NonNullable<Scenario["trouble"]>["kind"]): Scenario => ({
  ...steady("leases", 20, 5_000, 25),
  name,
  trouble: { kind, from: 5, to: 15 },
  baseline: false,
});

/** The longest runs first, so that two processes end at about the same time. */
export const FULL: readonly Scenario[] = [
  steady("leases", 250, 80_000),
  steady("whole", 5, 1_000),
  steady("leases", 100, 60_000),
  steady("leases", 250, 10_000),
  steady("leases", 100, 10_000),
  steady("leases", 50, 10_000),
  troubled("keeper-dead", "keeper dead"),
  troubled("ivs-throttles", "IVS throttles"),
  steady("leases", 250, 1_000),
  steady("whole", 1, 400),
  steady("leases", 20, 1_000),
  joinedAtOnce(steady("leases", 20, 1_000)),
  steady("leases", 5, 1_000),
  bursts(30, "fresh"),
  bursts(100, "fresh"),
  bursts(30, 400),
  bursts(100, 400),
];

/** A twentieth of the size, to check that everything works. */
export const SMALL: readonly Scenario[] = [
  steady("leases", 20, 1_000, 9),
  steady("whole", 1, 100, 2),
  steady("leases", 1, 100, 2),
  bursts(30, "fresh"),
  bursts(30, 100),
];

/** The runs of leases and of whole calls whose results must be equal. */
export const validated = (scenarios: readonly Scenario[]): readonly [Scenario, Scenario] | undefined => {
  for (const whole of scenarios.filter(({ calls }) => calls === "whole")) {
    const leases = scenarios.find(
      ({ calls, perSecond, stages }) =>
        calls === "leases" && perSecond === whole.perSecond && stages === whole.stages,
    );
    if (leases) return [whole, leases];
  }
  return undefined;
};

export function arrivals({ perSecond, burst: calls, minutes }: Scenario): Generator<Arrival> {
  return calls === undefined ? poisson(perSecond ?? 1, minutes * MINUTE_MS, SEED) : burst(calls, SEED);
}

/** The run's own random numbers, beside those of the arrivals. */
export const SEEDS = { calls: SEED + 1, baseline: SEED + 2 } as const;

/** A run of the list, or one that its name describes: `leases-250-of-75000-for-2`. */
export function scenarioNamed(name = ""): Scenario {
  const listed = [...FULL, ...SMALL].find((one) => one.name === name);
  if (listed) return listed;
  const {
    calls,
    perSecond,
    stages,
    minutes = "15",
  } = /^(?<calls>whole|leases)-(?<perSecond>\d+)-of-(?<stages>\d+)(?:-for-(?<minutes>\d+))?$/.exec(name)
    ?.groups ?? {};
  if (calls !== "whole" && calls !== "leases") throw new Error(`no scenario is named ${name}`);
  return steady(calls, Number(perSecond), Number(stages), Number(minutes));
}
