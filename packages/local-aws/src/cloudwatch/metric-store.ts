/** What has been measured: values by metric and minute. */

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Datum extends MetricName {
  readonly value: number;
  readonly atMs: number;
}

export const MINUTE_MS = 60_000;
/** CloudWatch keeps minutes for 15 days. */
const KEPT_MS = 15 * 24 * 3_600_000;

export interface MetricStore {
  put(datum: Datum): void;
  /** Of this time and later, before `untilMs`. */
  values(metric: MetricName, sinceMs: number, untilMs: number): number[];
  metrics(): readonly MetricName[];
}

interface Kept {
  readonly metric: MetricName;
  /** By the minute's begin. */
  readonly minutes: Map<number, number[]>;
}

/** CloudWatch tells metrics apart by all of their dimensions. */
const keyOf = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([
    namespace,
    name,
    ...Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);

export function createMetricStore(): MetricStore {
  const all = new Map<string, Kept>();
  return {
    put({ value, atMs, namespace, name, dimensions }) {
      const metric = { namespace, name, dimensions };
      const key = keyOf(metric);
      const kept = all.get(key) ?? { metric, minutes: new Map<number, number[]>() };
      all.set(key, kept);
      const minute = atMs - (atMs % MINUTE_MS);
      const values = kept.minutes.get(minute);
      if (values) values.push(value);
      else kept.minutes.set(minute, [value]);
      const [oldest = minute] = kept.minutes.keys();
      if (oldest < atMs - KEPT_MS) kept.minutes.delete(oldest);
    },
    values(metric, sinceMs, untilMs) {
      const minutes = all.get(keyOf(metric))?.minutes ?? new Map<number, number[]>();
      return [...minutes].flatMap(([atMs, values]) => (atMs >= sinceMs && atMs < untilMs ? values : []));
    },
    metrics: () => [...all.values()].map(({ metric }) => metric),
  };
}

/** One number of many, by the name of a statistic. Undefined of none. */
export function statisticOf(statistic: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return values.length;
    case "Average":
      return sum / values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    default:
      return percentile(statistic, values);
  }
}

function percentile(statistic: string, values: readonly number[]): number | undefined {
  const [, percent] = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic) ?? [];
  if (percent === undefined) throw new Error(`statistic ${statistic} is not part of the local runtime`);
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((Number(percent) / 100) * sorted.length) - 1)];
}
