/**
 * Alarms, and the alarm that stands for others.
 *
 * A1 An alarm is looked at every minute. Its periods end at that minute, so they overlap from one look to the next.
 * A2 It is raised if M of the last N values breach. Of values further back, two more are read: if N real ones are among all of
 *    them, the latest N decide, and how missing ones are treated does not matter. Else missing ones are filled in, as few as possible.
 */
import * as z from "zod";
import { nameOf, type ResourceTypes } from "../resource.ts";
import type { LocalAws, Shape } from "../local-aws.ts";
import type { MetricStore } from "./metric-store.ts";
import { MINUTE_MS } from "./metric-store.ts";
import { periodOf, type Query, querySchema, seriesOf } from "./metric-queries.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly state: AlarmState;
  readonly sinceMs: number;
  readonly reason: string;
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

const propertiesSchema = z.object({
  AlarmDescription: z.string().default(""),
  ComparisonOperator: z.string().refine((name) => Object.hasOwn(COMPARISONS, name)),
  Threshold: z.coerce.number(),
  EvaluationPeriods: z.coerce.number().int().positive(),
  DatapointsToAlarm: z.coerce.number().int().positive().optional(),
  TreatMissingData: z.enum(["missing", "ignore", "breaching", "notBreaching"]).default("missing"),
  Metrics: z.array(querySchema).optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
  Period: z.coerce.number().int().multipleOf(60).optional(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
});
type Properties = z.infer<typeof propertiesSchema>;

/** Values that are read beyond those that are wanted (A2). */
const FURTHER_BACK = 2;

export interface Alarms {
  readonly resources: ResourceTypes;
  all(): readonly Alarm[];
  /** Looks at each alarm. */
  look(): void;
}

export function createAlarms(localAws: LocalAws, store: MetricStore): Alarms {
  const definitions = new Map<string, Properties>();
  const composites = new Map<string, readonly string[]>();
  const alarms = new Map<string, Alarm>();

  function set(name: string, description: string, state: AlarmState, reason: string): void {
    const before = alarms.get(name);
    if (before?.state === state) return;
    alarms.set(name, { name, description, state, reason, sinceMs: localAws.clock.now() });
    if (before) localAws.emit({ kind: "alarm", name, state, reason });
  }

  return {
    all: () => [...alarms.values()],
    look() {
      const endMs = localAws.clock.now() - (localAws.clock.now() % MINUTE_MS);
      for (const [name, properties] of definitions) {
        const before = alarms.get(name)?.state ?? "INSUFFICIENT_DATA";
        const { state, reason } = judged(store, properties, endMs, before);
        set(name, properties.AlarmDescription, state, reason);
      }
      for (const [name, watched] of composites) {
        const raised = watched.filter((one) => alarms.get(one)?.state === "ALARM");
        set(name, "", raised.length > 0 ? "ALARM" : "OK", raised.join(", "));
      }
    },
    resources: {
      "AWS::CloudWatch::Alarm": {
        honoured: Object.keys(propertiesSchema.shape).concat("AlarmName"),
        ignored: ["AlarmActions", "OKActions", "InsufficientDataActions", "ActionsEnabled", "Tags", "Unit"],
        namedBy: "AlarmName",
        create(request) {
          const name = nameOf(request, "AlarmName", 255);
          const properties = propertiesSchema.parse(request.properties);
          definitions.set(name, properties);
          set(name, properties.AlarmDescription, "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation");
          return { ref: name, attributes: { Arn: localAws.arn("cloudwatch", `alarm:${name}`) } };
        },
        remove(name) {
          definitions.delete(name);
          alarms.delete(name);
        },
      },
      "AWS::CloudWatch::CompositeAlarm": {
        honoured: ["AlarmName", "AlarmRule"],
        ignored: ["AlarmDescription", "AlarmActions", "OKActions", "ActionsEnabled", "Tags"],
        namedBy: "AlarmName",
        create(request) {
          const name = nameOf(request, "AlarmName", 255);
          composites.set(name, anyOf(String(request.properties["AlarmRule"])));
          set(name, "", "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation");
          return { ref: name, attributes: { Arn: localAws.arn("cloudwatch", `alarm:${name}`) } };
        },
        remove(name) {
          composites.delete(name);
          alarms.delete(name);
        },
      },
    },
  };
}

/** `(ALARM("one") OR ALARM("two"))` */
function anyOf(rule: string): string[] {
  const names = [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  if (rule.replaceAll(/ALARM\("[^"]+"\)|OR|[\s()]/g, "") === "") return names;
  throw new Error(`rule ${rule}: only ALARM("…") OR … is part of the local runtime`);
}

/** The alarm's own metric as a query, if it names one. */
function queriesOf({ Metrics, Namespace, MetricName, Dimensions, ...own }: Properties): Query[] {
  if (Metrics) return Metrics;
  const { Period = 300, Statistic, ExtendedStatistic } = own;
  const Metric = { Namespace: Namespace ?? "", MetricName: MetricName ?? "", Dimensions };
  const Stat = Statistic ?? ExtendedStatistic ?? "Average";
  return [{ Id: "m", ReturnData: true, MetricStat: { Metric, Period, Stat } }];
}

function judged(
  store: MetricStore,
  properties: Properties,
  endMs: number,
  before: AlarmState,
): Pick<Alarm, "state" | "reason"> {
  const {
    EvaluationPeriods: wanted,
    DatapointsToAlarm: least = wanted,
    TreatMissingData,
    Threshold,
  } = properties;
  const queries = queriesOf(properties);
  const returned = queries.find(({ ReturnData }) => ReturnData)?.Id ?? "m";
  // Only a metric's own period says how long those of its expression are.
  if (periodOf(queries) <= 0) throw new Error("an alarm needs a period");
  const read = seriesOf(store, queries, returned, { endMs, periods: wanted + FURTHER_BACK });
  const real = read.filter((value) => value !== undefined);
  if (real.length === 0 && TreatMissingData === "missing") {
    return { state: "INSUFFICIENT_DATA", reason: "no data" };
  }
  if (real.length < wanted && TreatMissingData === "ignore") return { state: before, reason: "missing data" };
  const breaches = COMPARISONS[properties.ComparisonOperator] as (
    value: number,
    threshold: number,
  ) => boolean;
  const judgedReal = real.slice(0, wanted).map((value) => breaches(value, Threshold));
  const filled = Array.from({ length: wanted - judgedReal.length }, () => TreatMissingData === "breaching");
  const count = [...judgedReal, ...filled].filter(Boolean).length;
  const words = `${count} of the last ${wanted} values breach ${Threshold}: ${real.slice(0, wanted).join(", ")}`;
  return { state: count >= least ? "ALARM" : "OK", reason: words };
}

export const shapeOf = ({ name, description, state, sinceMs, reason }: Alarm): Shape => ({
  AlarmName: name,
  AlarmDescription: description,
  StateValue: state,
  StateReason: reason,
  StateUpdatedTimestamp: sinceMs / 1000,
});
