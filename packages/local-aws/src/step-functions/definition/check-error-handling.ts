/** Findings about Retry and Catch, timeouts and task tokens. */
import type { PlainObject } from "./definition.ts";
import { listOf } from "./places.ts";
import { textOf } from "../wire-text.ts";

const RETRIER_FIELDS = new Set([
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
  "Comment",
]);
const CATCHER_FIELDS = new Set(["ErrorEquals", "Next", "Output", "Assign", "Comment"]);
const WITH_TASK_TOKEN = new Set([
  "apigateway:invoke",
  "bedrock:invokeModel",
  "ecs:runTask",
  "eks:call",
  "eks:runJob",
  "events:putEvents",
  "lambda:invoke",
  "sns:publish",
  "sqs:sendMessage",
  "states:startExecution",
]);

export function checkErrorHandling(state: PlainObject, path: string): string[] {
  const retriers = listOf(state["Retry"]);
  const catchers = listOf(state["Catch"]);
  return [
    ...checkMatchers(retriers, RETRIER_FIELDS, `${path}/Retry`),
    ...checkMatchers(catchers, CATCHER_FIELDS, `${path}/Catch`),
    ...retriers.flatMap((retrier, index) => checkNumbers(retrier, `${path}/Retry[${index}]`)),
    ...checkTimeouts(state, path),
    ...checkTaskToken(state, path),
  ];
}

function checkMatchers(matchers: PlainObject[], fields: ReadonlySet<string>, path: string): string[] {
  return matchers.flatMap((matcher, index) => {
    const at = `at ${path}[${index}]`;
    const unknown = Object.keys(matcher).filter((field) => !fields.has(field));
    const names = Array.isArray(matcher["ErrorEquals"]) ? (matcher["ErrorEquals"] as unknown[]) : [];
    const hasAll = names.includes("States.ALL");
    return [
      ...unknown.map((field) => `Field '${field}' is not supported ${at}`),
      ...(names.length === 0 ? [`ErrorEquals must name at least one error ${at}`] : []),
      ...(hasAll && names.length > 1 ? [`'States.ALL' must be alone in ErrorEquals ${at}`] : []),
      ...(hasAll && index < matchers.length - 1 ? [`'States.ALL' must be the last one ${at}`] : []),
    ];
  });
}

function checkNumbers(retrier: PlainObject, path: string): string[] {
  const { IntervalSeconds = 1, MaxAttempts = 1, BackoffRate = 1, MaxDelaySeconds, JitterStrategy } = retrier;
  const whole = (value: unknown, least: number, most: number): boolean =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return [
    ...(whole(IntervalSeconds, 1, 99_999_999) ? [] : ["IntervalSeconds must be from 1 to 99999999"]),
    ...(whole(MaxAttempts, 0, 99_999_999) ? [] : ["MaxAttempts must be from 0 to 99999999"]),
    ...(typeof BackoffRate === "number" && BackoffRate >= 1 ? [] : ["BackoffRate must be at least 1"]),
    ...(MaxDelaySeconds === undefined || whole(MaxDelaySeconds, 1, 31_622_400)
      ? []
      : ["MaxDelaySeconds must be from 1 to 31622400"]),
    ...(MaxDelaySeconds !== undefined && Number(MaxDelaySeconds) <= Number(IntervalSeconds)
      ? ["MaxDelaySeconds must be greater than IntervalSeconds"]
      : []),
    ...(JitterStrategy === undefined || JitterStrategy === "FULL" || JitterStrategy === "NONE"
      ? []
      : [`JitterStrategy must be 'FULL' or 'NONE', not '${textOf(JitterStrategy)}'`]),
  ].map((finding) => `${finding} at ${path}`);
}

function checkTimeouts({ TimeoutSeconds, HeartbeatSeconds }: PlainObject, path: string): string[] {
  const isWrong =
    typeof TimeoutSeconds === "number" &&
    typeof HeartbeatSeconds === "number" &&
    HeartbeatSeconds >= TimeoutSeconds;
  return isWrong ? [`HeartbeatSeconds must be smaller than TimeoutSeconds at ${path}`] : [];
}

function checkTaskToken({ Resource }: PlainObject, path: string): string[] {
  const [, target = ""] = /:states:::(.+)\.waitForTaskToken$/.exec(String(Resource)) ?? [];
  if (target === "" || target.startsWith("aws-sdk:") || WITH_TASK_TOKEN.has(target)) return [];
  return [`The resource '${String(Resource)}' cannot wait for a task token at ${path}/Resource`];
}
