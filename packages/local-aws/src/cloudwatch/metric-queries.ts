/** Metrics and expressions over them, as alarms and GetMetricData ask for them. */
import * as z from "zod";
import { evaluate, type Series } from "./metric-math.ts";
import { type MetricName, type MetricStore, statisticOf } from "./metric-store.ts";

const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const metricSchema = z.strictObject({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: dimensions,
});
/** Periods of less than a minute need high resolution, which is not here. */
const periodSchema = z.coerce.number().int().multipleOf(60);

export const querySchema = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  Period: periodSchema.optional(),
  ReturnData: z.coerce.boolean().default(true),
  MetricStat: z
    .strictObject({
      Metric: metricSchema,
      Period: periodSchema,
      Stat: z.string(),
      Unit: z.string().optional(),
    })
    .optional(),
});
export type Query = z.infer<typeof querySchema>;

export const metricNameOf = ({
  Namespace,
  MetricName,
  Dimensions,
}: z.infer<typeof metricSchema>): MetricName => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
});

export interface Window {
  /** The latest period ends here. */
  readonly endMs: number;
  readonly periods: number;
}

/** All periods of a query are those of its metrics. */
export const periodOf = (queries: readonly Query[]): number =>
  queries.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 300;

/** The values of one of the queries, the latest first. */
export function seriesOf(store: MetricStore, queries: readonly Query[], id: string, window: Window): Series {
  const query = queries.find(({ Id }) => Id === id);
  if (!query) throw new Error(`there is no metric with the id ${id}`);
  const { Expression, MetricStat } = query;
  if (Expression !== undefined) {
    const series = (other: string) => seriesOf(store, queries, other, window);
    return evaluate(Expression, { series, length: window.periods });
  }
  if (!MetricStat) throw new Error(`${id} is neither a metric nor an expression`);
  const { Metric, Period, Stat } = MetricStat;
  const metric = metricNameOf(Metric);
  return Array.from({ length: window.periods }, (_, index) => {
    const untilMs = window.endMs - index * Period * 1000;
    return statisticOf(Stat, store.values(metric, untilMs - Period * 1000, untilMs));
  });
}
