/**
 * What a call cost, as far as its history and its events tell: list prices of us-east-1 in US dollars, nothing free. Not in it:
 * what the table, the HTTP API, AppSync and the logs cost, which no history tells.
 */
import type { CallFacts, Execution, HistoryEvent, StoredCall } from "./facts.ts";
import type { Visit } from "./path.ts";

/** For one of each. `bench/prices.ts` has the first four too. */
export const LIST_PRICES = {
  transition: 25 / 1e6,
  event: 1 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  push: 1 / 1e6,
  videoParticipantHour: 0.072,
  audioParticipantHour: 0.0072,
} as const;

/** What the functions that a workflow runs are given (infra/function-sizes.ts). */
const FUNCTION_GB = 0.5;

export interface CostLine {
  readonly what: string;
  readonly amount: number;
  readonly unit: string;
  readonly dollars: number;
}

/** Each entry and each retry is a transition; a function is paid from its start to its reply at most. */
export function costOfVisit(visit: Visit, history: readonly HistoryEvent[]): number {
  const transitions = 1 + Math.max(0, visit.attempts.length - 1);
  return transitions * LIST_PRICES.transition + dollarsOfRuns(runsOf(visit, history));
}

interface Runs {
  readonly requests: number;
  readonly gbSeconds: number;
}

const dollarsOfRuns = ({ requests, gbSeconds }: Runs): number =>
  requests * LIST_PRICES.lambdaRequest + gbSeconds * LIST_PRICES.lambdaGbSecond;

function runsOf({ eventIds }: Visit, history: readonly HistoryEvent[]): Runs {
  const own = new Set(eventIds);
  const events = history.filter(({ id }) => own.has(id));
  const started = events.filter(
    ({ type, details }) => type === "TaskStarted" && details?.["resourceType"] === "lambda",
  );
  const durations = started.map(({ id, atMs }) => {
    const end = events.find(({ previousEventId }) => previousEventId === id);
    return (end?.atMs ?? atMs) - atMs;
  });
  const seconds = durations.reduce((sum, durationMs) => sum + durationMs, 0) / 1000;
  return { requests: started.length, gbSeconds: seconds * FUNCTION_GB };
}

export interface Walked {
  readonly execution: Execution;
  readonly visits: readonly Visit[];
}

export function costOfCall({ call, events }: CallFacts, walks: readonly Walked[], nowMs: number): CostLine[] {
  const transitions = walks.flatMap(({ visits }) =>
    visits.map(({ attempts }) => 1 + Math.max(0, attempts.length - 1)),
  );
  const runs = walks.flatMap(({ visits, execution: { history } }) =>
    visits.map((visit) => runsOf(visit, history)),
  );
  const requests = sum(runs.map((run) => run.requests));
  const gbSeconds = sum(runs.map((run) => run.gbSeconds));
  const hours = call ? participantHours(call, nowMs) : 0;
  const lines = [
    line("State transitions", sum(transitions), "", LIST_PRICES.transition),
    line("Functions run by the workflow", requests, "", LIST_PRICES.lambdaRequest),
    line("… for at most", gbSeconds, "GB-s", LIST_PRICES.lambdaGbSecond),
    line("Events on the bus", events.length, "", LIST_PRICES.event),
    line("Pushes", call ? pushesOf(call) : 0, "", LIST_PRICES.push),
    call?.media === "video"
      ? line("On the stage, video", hours * 60, "participant-min", LIST_PRICES.videoParticipantHour / 60)
      : line("On the stage, audio", hours * 60, "participant-min", LIST_PRICES.audioParticipantHour / 60),
  ];
  return lines.filter(({ amount }) => amount > 0);
}

const line = (what: string, amount: number, unit: string, price: number): CostLine => ({
  what,
  amount,
  unit,
  dollars: amount * price,
});

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** The latest of each type to each device is what the call remembers. */
const pushesOf = ({ legs }: StoredCall): number =>
  sum(
    Object.values(legs).flatMap(({ devices }) =>
      Object.values(devices).map(({ pushes }) => Object.keys(pushes).length),
    ),
  );

/** From the answer on both sides are connected. */
function participantHours({ legs, answeredAtMs, endedAtMs }: StoredCall, nowMs: number): number {
  if (answeredAtMs === undefined) return 0;
  const times = Object.values(legs).map(({ joinedAtMs, leftAtMs }) => {
    if (joinedAtMs === undefined) return 0;
    return Math.max(0, (leftAtMs ?? endedAtMs ?? nowMs) - Math.max(joinedAtMs, answeredAtMs));
  });
  return sum(times) / 3_600_000;
}

/** `$0.000025`: as many digits as it takes to see something. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  const digits = Math.max(2, 1 - Math.floor(Math.log10(amount)));
  return `$${amount.toFixed(Math.min(9, digits)).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}
