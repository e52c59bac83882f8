/** One schedule: its properties as the API shows them, and what it sends to its target. */
import type { Caller, LocalAws, Shape } from "../local-aws.ts";
import { deliver, type RetryPolicy } from "../events/deliver.ts";
import { envelope, isoSeconds } from "../events/event-envelope.ts";
import { refuseUnknownTarget } from "../events/invoke-target.ts";
import { chance } from "../fresh-bytes.ts";
import { parseTiming, type Timing } from "./schedule-expression.ts";

export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

export interface ScheduleProperties {
  readonly Name?: string;
  readonly GroupName?: string;
  readonly Description?: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow: { readonly Mode: string };
  readonly State?: string;
  readonly StartDate?: string;
  readonly EndDate?: string;
  readonly Target: ScheduleTarget;
}

export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly properties: ScheduleProperties;
  readonly timing: Timing;
  readonly createdAtMs: number;
}

const TARGET_PROPERTIES = new Set(["Arn", "RoleArn", "Input", "RetryPolicy", "DeadLetterConfig"]);

export function createSchedule(localAws: LocalAws, name: string, properties: ScheduleProperties): Schedule {
  const { Target: target, FlexibleTimeWindow: flexible, GroupName: group = "default" } = properties;
  const unknown = Object.keys(target).find((property) => !TARGET_PROPERTIES.has(property));
  if (unknown)
    throw new Error(`schedule ${name}: target property ${unknown} is not part of the local runtime`);
  if (flexible.Mode !== "OFF")
    throw new Error(`schedule ${name}: FlexibleTimeWindow ${flexible.Mode} is not OFF`);
  refuseUnknownTarget(target);
  const moment = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined);
  return {
    name,
    group,
    arn: localAws.arn("scheduler", `schedule/${group}/${name}`),
    properties,
    timing: parseTiming({
      expression: properties.ScheduleExpression,
      timeZone: properties.ScheduleExpressionTimezone ?? "UTC",
      startMs: moment(properties.StartDate),
      endMs: moment(properties.EndDate),
    }),
    createdAtMs: localAws.clock.now(),
  };
}

/** Calls the target as its role; retries and dead letters as for rules. */
export function fire(localAws: LocalAws, schedule: Schedule, scheduledMs: number): void {
  const { Target: target } = schedule.properties;
  const caller: Caller = { kind: "role", arn: target.RoleArn };
  const scheduledTime = isoSeconds(scheduledMs);
  const executionId = newExecutionId();
  const input = target.Input ?? defaultInput(localAws, schedule);
  const filled = (attempt: number): string =>
    input
      .replaceAll("<aws.scheduler.schedule-arn>", schedule.arn)
      .replaceAll("<aws.scheduler.scheduled-time>", scheduledTime)
      .replaceAll("<aws.scheduler.execution-id>", executionId)
      .replaceAll("<aws.scheduler.attempt-number>", String(attempt));
  const queueArn = target.DeadLetterConfig?.Arn;
  localAws.meter("scheduler:invocation", 1);
  void deliver(localAws, {
    invocation: (attempt) => ({ arn: target.Arn, input: filled(attempt), caller }),
    retryPolicy: target.RetryPolicy,
    deadLetters: queueArn
      ? {
          queueArn,
          caller,
          body: filled(1),
          attributes: {
            SCHEDULE_ARN: schedule.arn,
            TARGET_ARN: target.Arn,
            SCHEDULED_TIME: scheduledTime,
            EXECUTION_ID: executionId,
            IS_PAYLOAD_TRUNCATED: "false",
          },
        }
      : undefined,
  });
}

const newExecutionId = (): string =>
  Math.floor(chance() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");

/** What a target gets that has no input of its own. */
const defaultInput = (localAws: LocalAws, { arn }: Schedule): string =>
  JSON.stringify({
    ...envelope(localAws, {
      source: "aws.scheduler",
      detailType: "Scheduled Event",
      resources: [arn],
      detail: {},
    }),
    detail: "{}",
  });

export const describeSchedule = ({ name, group, arn, properties, createdAtMs }: Schedule): Shape => ({
  ScheduleExpressionTimezone: "UTC",
  State: "ENABLED",
  ...properties,
  Name: name,
  GroupName: group,
  Arn: arn,
  CreationDate: createdAtMs / 1000,
  LastModificationDate: createdAtMs / 1000,
  ...epochSeconds("StartDate", properties.StartDate),
  ...epochSeconds("EndDate", properties.EndDate),
});

const epochSeconds = (name: string, text: string | undefined): Shape =>
  text === undefined ? {} : { [name]: Date.parse(text) / 1000 };
