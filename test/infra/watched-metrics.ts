/** The metrics of a template's alarms and dashboard, as `namespace/name dimension=value`. */
import { ofType, readable, type TemplateJson } from "./synthesis.ts";

const CLOUDWATCH = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"] as const;

export function watchedMetrics(template: TemplateJson, ...types: (typeof CLOUDWATCH)[number][]): string[] {
  const wanted = types.length > 0 ? types : CLOUDWATCH;
  const found = wanted
    .flatMap((type) => ofType(template, type))
    .flatMap(([, { Type, Properties }]) =>
      Type === "AWS::CloudWatch::Dashboard" ? ofDashboard(Properties) : ofAlarm(Properties),
    );
  return [...new Set(found)].toSorted();
}

interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

function ofAlarm(properties: Readonly<Record<string, unknown>>): string[] {
  const { Metrics } = properties as { Metrics?: { MetricStat?: { Metric: AlarmMetric } }[] };
  const metrics = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [
    properties as unknown as AlarmMetric,
  ];
  return metrics.map(({ Namespace, MetricName, Dimensions }) =>
    spell(Namespace, MetricName, ...Dimensions.flatMap(({ Name, Value }) => [Name, readable(Value)])),
  );
}

/** The body is JSON text with references in it. */
function ofDashboard({ DashboardBody }: Readonly<Record<string, unknown>>): string[] {
  const { widgets } = JSON.parse(readable(DashboardBody)) as {
    widgets: { properties: { metrics?: unknown[][] } }[];
  };
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .map((entry) => entry.filter((part) => typeof part === "string"))
    .map(([namespace = "", name = "", ...dimensions]) => spell(namespace, name, ...dimensions));
}

export const spell = (namespace: string, name: string, ...dimensions: string[]): string =>
  `${namespace}/${name} ${dimensions.join("=")}`;
