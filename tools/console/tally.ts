/** What an overview counts, and the numbers that it makes of it. Pure. */
import type { CallSnapshot } from "../../events/call-snapshot.ts";
import { END_REASONS, type EndReason } from "../../events/end-reason.ts";
import type { PushFailure } from "../../events/push-sent.ts";
import type { OverviewView } from "./views.ts";

export interface DayTally {
  readonly fromMs: number;
  /** Counted so far. */
  untilMs: number;
  /** A look at the log that has not come to its end; absent: counted up to now. */
  place?: { readonly fromMs: number; readonly token?: string } | undefined;
  readonly ended: Map<
    string,
    Pick<CallSnapshot, "endReason" | "media" | "createdAtMs" | "answeredAtMs" | "endedAtMs">
  >;
  readonly toRingMs: Map<string, number>;
  readonly pushes: Map<
    string,
    {
      readonly outcomes: Readonly<Record<string, number>>;
      readonly failures?: readonly PushFailure[] | undefined;
    }
  >;
}

export const newTally = (fromMs: number): DayTally => ({
  fromMs,
  untilMs: fromMs,
  ended: new Map(),
  toRingMs: new Map(),
  pushes: new Map(),
});

type Counted = Omit<OverviewView, "living" | "mostLiving" | "pool">;

export function overviewOf({ fromMs, untilMs, place, ended, toRingMs, pushes }: DayTally): Counted {
  const calls = [...ended.values()];
  const rings = [...toRingMs.values()].toSorted((one, other) => one - other);
  return {
    fromMs,
    untilMs,
    isWhole: place === undefined,
    ended: calls.length,
    answered: calls.filter(({ answeredAtMs }) => answeredAtMs !== undefined).length,
    byReason: countsOf(calls.flatMap(({ endReason }) => endReason ?? [])),
    hours: hoursOf(fromMs, untilMs, calls),
    rang: rings.length,
    ...(rings.length > 0 && { toRingMs: { p50: percentile(rings, 50), p99: percentile(rings, 99) } }),
    pushes: sum([...pushes.values()].flatMap(({ outcomes }) => Object.values(outcomes))),
    failures: failuresOf([...pushes.values()].flatMap(({ failures = [] }) => failures)),
    talkMs: { audio: talkMsOf(calls, "audio"), video: talkMsOf(calls, "video") },
  };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

const countsOf = (reasons: readonly EndReason[]): Counted["byReason"] =>
  END_REASONS.map((reason) => ({ reason, calls: reasons.filter((one) => one === reason).length }))
    .filter(({ calls }) => calls > 0)
    .toSorted((one, other) => other.calls - one.calls);

/** The smallest that so many percent are not above. */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

const HOUR_MS = 3_600_000;
const MOST_HOURS = 48;

type Ended = DayTally["ended"] extends Map<string, infer Call> ? Call : never;

/** From the beginning of the day on, by when calls began; those that began before it count in its first hour. */
function hoursOf(fromMs: number, untilMs: number, calls: readonly Ended[]): Counted["hours"] {
  const amount = Math.min(MOST_HOURS, Math.max(1, Math.ceil((untilMs - fromMs) / HOUR_MS)));
  const hours = Array.from({ length: amount }, (_, index) => ({
    fromMs: fromMs + index * HOUR_MS,
    answered: 0,
    unanswered: 0,
  }));
  for (const { createdAtMs, answeredAtMs } of calls) {
    const index = Math.min(amount - 1, Math.max(0, Math.floor((createdAtMs - fromMs) / HOUR_MS)));
    const hour = hours[index];
    if (hour) hour[answeredAtMs === undefined ? "unanswered" : "answered"] += 1;
  }
  return hours;
}

/** Alike ones together, the most frequent first. */
function failuresOf(failures: readonly PushFailure[]): PushFailure[] {
  const counts = new Map<string, PushFailure>();
  for (const failure of failures) {
    const { devices, ...what } = failure;
    const key = JSON.stringify([what.channel, what.outcome, what.reason]);
    counts.set(key, { ...what, devices: devices + (counts.get(key)?.devices ?? 0) });
  }
  return [...counts.values()].toSorted((one, other) => other.devices - one.devices);
}

const talkMsOf = (calls: readonly Ended[], wanted: string): number =>
  sum(
    calls.map(({ media, answeredAtMs, endedAtMs }) =>
      media !== wanted || answeredAtMs === undefined || endedAtMs === undefined
        ? 0
        : endedAtMs - answeredAtMs,
    ),
  );
