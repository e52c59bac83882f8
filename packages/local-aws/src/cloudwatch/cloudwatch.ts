/**
 * Local CloudWatch: metrics of what happens here, metrics that programs put, and the template's alarms, in real or virtual time.
 * A runtime measures only if it is told to, because a look at the alarms every minute costs a test that does not need it.
 */
import * as z from "zod";
import { AwsError, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { type Alarm, type Alarms, createAlarms, shapeOf } from "./alarms.ts";
import { type Ids, measuredBy } from "./measured.ts";
import { metricNameOf, periodOf, querySchema, seriesOf } from "./metric-queries.ts";
import { createMetricStore, type Datum, type MetricName, MINUTE_MS } from "./metric-store.ts";

export interface CloudWatch {
  readonly service: Service;
  readonly resources: ResourceTypes;
  alarms(): readonly Alarm[];
  /** What AWS would have measured where this runtime has no such trouble, as AppSync failing inside. */
  record(metric: MetricName, value: number): void;
  /** Begins to look at the alarms. */
  start(): void;
}

export interface CloudWatchOptions extends Ids {
  /** What is there at this moment, asked every minute. */
  readonly gauges: () => readonly Omit<Datum, "atMs">[];
}

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValue", message);

function read<T>(schema: z.ZodType<T>, input: Shape): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
}

const seconds = z.coerce.number();
const getMetricData = z.strictObject({
  MetricDataQueries: z.array(querySchema),
  StartTime: seconds,
  EndTime: seconds,
});
const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const putMetricData = z.strictObject({
  Namespace: z.string().regex(/^(?!AWS\/)/),
  MetricData: z.array(
    z.strictObject({
      MetricName: z.string(),
      Dimensions: dimensions,
      Value: z.number(),
      Timestamp: seconds.optional(),
      Unit: z.string().optional(),
    }),
  ),
});

export function createCloudWatch(localAws: LocalAws, options: CloudWatchOptions): CloudWatch {
  const { clock } = localAws;
  const store = createMetricStore();
  const alarms: Alarms = createAlarms(localAws, store);
  localAws.observe((event) => measuredBy(event, options).forEach((datum) => store.put(datum)));

  const operation = (name: string, run: Operation["run"]): Operation => ({
    permissions: () => [{ action: `cloudwatch:${name}`, resource: "*" }],
    run,
  });
  const operations = {
    GetMetricData: operation("GetMetricData", (input) => {
      const { MetricDataQueries: queries, StartTime, EndTime } = read(getMetricData, input);
      const period = periodOf(queries);
      const endMs = Math.floor(EndTime / period) * period * 1000;
      const periods = Math.max(0, Math.floor((endMs / 1000 - StartTime) / period));
      const results = queries
        .filter(({ ReturnData }) => ReturnData)
        .map(({ Id, Label = Id }) => {
          const points = seriesOf(store, queries, Id, { endMs, periods }).flatMap((value, index) =>
            value === undefined ? [] : [{ value, at: endMs / 1000 - (index + 1) * period }],
          );
          return {
            Id,
            Label,
            StatusCode: "Complete",
            Timestamps: points.map(({ at }) => at),
            Values: points.map(({ value }) => value),
          };
        });
      return { MetricDataResults: results, Messages: [] };
    }),
    ListMetrics: operation("ListMetrics", ({ Namespace, MetricName: named }) => ({
      Metrics: store
        .metrics()
        .filter(({ namespace, name }) => (Namespace ?? namespace) === namespace && (named ?? name) === name)
        .map(({ namespace, name, dimensions: of }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(of).map(([Name, Value]) => ({ Name, Value })),
        })),
    })),
    PutMetricData: operation("PutMetricData", (input) => {
      const { Namespace, MetricData } = read(putMetricData, input);
      for (const { MetricName: MetricOf, Dimensions, Value: value, Timestamp } of MetricData) {
        const metric = metricNameOf({ Namespace, MetricName: MetricOf, Dimensions });
        store.put({ ...metric, value, atMs: Timestamp === undefined ? clock.now() : Timestamp * 1000 });
      }
      return {};
    }),
    DescribeAlarms: operation("DescribeAlarms", ({ AlarmNames, StateValue }) => ({
      MetricAlarms: alarms
        .all()
        .filter(({ name }) => !Array.isArray(AlarmNames) || AlarmNames.includes(name))
        .filter(({ state }) => (StateValue ?? state) === state)
        .map(shapeOf),
    })),
  };

  function look(): void {
    for (const gauge of options.gauges()) store.put({ ...gauge, atMs: clock.now() - 1 });
    alarms.look();
    clock.after(MINUTE_MS, look);
  }

  return {
    service: { name: "cloudwatch", operations },
    resources: alarms.resources,
    alarms: () => alarms.all(),
    record: (metric, value) => store.put({ ...metric, value, atMs: clock.now() }),
    start: () => void clock.after(MINUTE_MS - (clock.now() % MINUTE_MS), look),
  };
}
