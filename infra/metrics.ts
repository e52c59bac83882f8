/** The metrics that the dashboard and the alarms are made of. Those of our own are emitted by handlers/. */
import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type FunctionName, functionNameOf } from "./function-sizes.ts";
import { nameInStackOfUser, STACK_NAME } from "./physical-name.ts";
import type { Settings } from "./settings.ts";
import type { Index } from "./tables.ts";

const PERIOD = Duration.minutes(5);

/** What makes, answers or ends a call. The other functions run every minute, and their failures end in a queue. */
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

/** A metric that a function of ours emits. Its namespace is the stack's name; Powertools gives it the function's as its dimension. */
export function ownMetric(service: FunctionName, metricName: string, reading: Reading = {}): Metric {
  return new Metric({
    namespace: STACK_NAME,
    metricName,
    dimensionsMap: { service },
    statistic: "Sum",
    period: PERIOD,
    ...reading,
  });
}

/** Searches for clients that were not seen for long, one a night. */
export const nightlyCleanUps = (reading: Reading = {}): Metric =>
  ownMetric("list-clients", "StaleLists", reading);

/** Failed readings of a secret whose value is in memory, by the functions that keep one there. */
export const unreadableSecrets = ({ push }: Pick<Settings, "push">): Metric[] =>
  (["rest-entrypoint", ...(push === "direct" ? (["send-push"] as const) : [])] as const).map((name) =>
    ownMetric(name, "SecretsUnreadable", { label: name }),
  );

/** Free stages at the least. */
export const freeStages = (): Metric =>
  ownMetric("keep-stages", "FreeStages", { statistic: "Minimum", label: "free" });
/** Calls a minute that lease a stage. */
export const stageDemand = (): Metric =>
  ownMetric("keep-stages", "StageDemand", { statistic: "Maximum", label: "wanted in a minute" });
/** How often IVS has refused to make a stage because its quota is used up. */
export const stageQuotaFull = (): Metric =>
  ownMetric("keep-stages", "StageQuotaFull", { label: "IVS's quota is full" });

/** What the HTTP API replies 5xx to, without those whom we ask to try again because too many came at once. */
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

export function throttledRequests(table: ITableV2): Metric[] {
  const metrics = ["ReadThrottleEvents", "WriteThrottleEvents"];
  return metrics.map((name) => table.metric(name, { statistic: "Sum", period: PERIOD }));
}

/** Of an index. The metrics of its table leave it out, and hot keys are in indexes; one whose writes are throttled holds back its table. */
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
