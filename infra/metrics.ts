/** The metrics of the dashboard and the alarms. handlers/ emits the stack's own. */
import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { MetricNames } from "../handlers/edge/metric-name.ts";
import { type FunctionName, functionNameOf } from "./function-sizes.ts";
import { nameInStackOfUser, STACK_NAME } from "./physical-name.ts";
import type { Settings } from "./settings.ts";
import type { Index } from "./tables.ts";

const PERIOD = Duration.minutes(5);

/** Functions that make, answer or end a call. The others run every minute, and their failures end in a queue. */
export const callPath = [
  "rest-entrypoint",
  "drive-call",
  "send-push",
  "issue-token",
  "follow-call",
  "close-stage",
] as const satisfies readonly FunctionName[];

interface Reading {
  /** As CloudWatch names it: Sum, Minimum, p99. */
  readonly statistic?: string;
  readonly label?: string;
  readonly period?: Duration;
}

/** A metric that one of the stack's functions emits: its namespace is the stack's name, its dimension (by Powertools) the function's. */
export function ownMetric<Name extends keyof MetricNames>(
  service: Name,
  metricName: MetricNames[Name],
  reading: Reading = {},
): Metric {
  return new Metric({
    namespace: STACK_NAME,
    metricName,
    dimensionsMap: { service },
    statistic: "Sum",
    period: PERIOD,
    ...reading,
  });
}

/** Searches for stale clients, one a night. */
export const nightlyCleanUps = (reading: Reading = {}): Metric =>
  ownMetric("list-clients", "StaleLists", reading);

/** Failed attempts to reload a secret, by the functions that keep one in memory. */
export const unreadableSecrets = ({ push, media }: Pick<Settings, "push" | "media">): Metric[] =>
  (
    [
      "rest-entrypoint",
      ...(push === "direct" ? (["send-push"] as const) : []),
      ...(media === "livekit" ? (["verify-legs", "remove-participants", "receive-webhook"] as const) : []),
    ] as const
  ).map((name) => ownMetric(name, "SecretsUnreadable", { label: name }));

/** The lowest number of free stages. */
export const freeStages = (): Metric =>
  ownMetric("keep-stages", "FreeStages", { statistic: "Minimum", label: "free" });
/** Calls a minute that lease a stage. */
export const stageDemand = (): Metric =>
  ownMetric("keep-stages", "StageDemand", { statistic: "Maximum", label: "wanted in a minute" });
/** How often IVS has refused to make a stage because its quota is used up. */
export const stageQuotaFull = (): Metric =>
  ownMetric("keep-stages", "StageQuotaFull", { label: "IVS's quota is full" });

/** The HTTP API's 5xx replies, without those that ask a phone to try again because too many requests came at once. */
export const failingReplies = (api: HttpApi): MathExpression =>
  new MathExpression({
    expression: "replies - FILL(contended, 0)",
    usingMetrics: {
      replies: api.metricServerError({ statistic: "Sum", period: PERIOD }),
      contended: ownMetric("rest-entrypoint", "RepliesContended"),
    },
    label: "5xx",
    period: PERIOD,
  });

/** One of Lambda's own metrics of a function. */
export function functionMetric(name: FunctionName, metricName: string, statistic = "Sum"): Metric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: nameInStackOfUser(functionNameOf(name)) },
    statistic,
    period: PERIOD,
    label: name,
  });
}

/** Those that the stack has. */
export const tablesOf = <Table>(...tables: readonly (Table | undefined)[]): Table[] =>
  tables.filter((table) => table !== undefined);

export function throttledRequests(table: ITableV2): Metric[] {
  const metrics = ["ReadThrottleEvents", "WriteThrottleEvents"];
  return metrics.map((name) => table.metric(name, { statistic: "Sum", period: PERIOD }));
}

/** Of an index: its table's metrics leave it out. Hot keys are in indexes, and an index with throttled writes holds back its table. */
export const throttledIndex = ({ table, indexName }: Index, action: "Read" | "Write"): Metric =>
  table.metric(`${action}ThrottleEvents`, {
    statistic: "Sum",
    period: PERIOD,
    dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: indexName },
  });

/** One of AppSync's own metrics of an API. */
export function graphqlMetric(apiId: string, metricName: string): Metric {
  return new Metric({
    namespace: "AWS/AppSync",
    metricName,
    dimensionsMap: { GraphQLAPIId: apiId },
    statistic: "Sum",
    period: PERIOD,
  });
}

/** An alarm takes at most 10 metrics. Most of those added here have data only when something is wrong. */
export function sumOf(label: string, metrics: readonly IMetric[]): MathExpression {
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(named),
    period: PERIOD,
    label,
  });
}
