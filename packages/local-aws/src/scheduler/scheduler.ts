/** Local EventBridge Scheduler. Schedules are armed by `start()`, once the whole template stands. */
import { AwsError, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import { asItIs } from "../store/store.ts";
import type { ResourceType, ResourceTypes } from "../resource.ts";
import {
  createSchedule,
  describeSchedule,
  fire,
  type Schedule,
  type ScheduleProperties,
} from "./schedule.ts";

export interface Scheduler {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Arms all schedules; one that is created later is armed at once. */
  start(): void;
  /** Disarms all schedules. */
  stop(): void;
}

export function createScheduler(localAws: LocalAws): Scheduler {
  const schedules = new Map<string, Schedule>();
  const groups = new Map<string, number>([["default", localAws.clock.now()]]);
  const armed = new Map<string, () => void>();
  /** When each fired last, so that a rate goes on at its pace after a restart. */
  const fired = localAws.store.map("scheduler.fired", asItIs<number>());
  let isStarted = false;

  function arm(schedule: Schedule, lastMs = keptTurn(schedule)): void {
    if (schedule.properties.State === "DISABLED") return;
    const nowMs = localAws.clock.now();
    const nextMs = schedule.timing.next(nowMs, lastMs);
    if (nextMs === undefined) return;
    const cancel = localAws.clock.after(Math.max(0, nextMs - nowMs), () => {
      // A timer holds at most 24 days; a later firing is armed again.
      if (localAws.clock.now() < nextMs) return arm(schedule, lastMs);
      fired.set(schedule.arn, nextMs);
      fire(localAws, schedule, nextMs);
      arm(schedule, nextMs);
    });
    armed.set(schedule.arn, cancel);
  }

  /** A cron needs none: it says by itself when it is next. What one missed is not made up. */
  const keptTurn = ({ arn, properties }: Schedule): number | undefined =>
    properties.ScheduleExpression.startsWith("cron(") ? undefined : fired.get(arn);

  const scheduleType: ResourceType = {
    honoured: [
      "Name",
      "GroupName",
      "ScheduleExpression",
      "ScheduleExpressionTimezone",
      "FlexibleTimeWindow",
      "State",
      "StartDate",
      "EndDate",
      "Target",
    ],
    ignored: ["Description", "KmsKeyArn"],
    renewedBy: ["Name", "GroupName"],
    namedBy: "Name",
    taken({ properties: { GroupName: group = "default", Name: name } }) {
      const arn = localAws.arn("scheduler", `schedule/${String(group)}/${String(name)}`);
      return schedules.get(arn)?.name;
    },
    remove(name, { GroupName: group = "default" }) {
      const arn = localAws.arn("scheduler", `schedule/${String(group)}/${name}`);
      armed.get(arn)?.();
      armed.delete(arn);
      schedules.delete(arn);
      fired.delete(arn);
    },
    create(request) {
      const properties = request.properties as unknown as ScheduleProperties;
      const schedule = createSchedule(localAws, properties.Name ?? request.physicalName(64), properties);
      armed.get(schedule.arn)?.();
      schedules.set(schedule.arn, schedule);
      if (isStarted) arm(schedule);
      return { ref: schedule.name, attributes: { Arn: schedule.arn } };
    },
  };
  const groupType: ResourceType = {
    honoured: ["Name"],
    ignored: ["Tags"],
    renewedBy: ["Name"],
    remove: (name) => void groups.delete(name),
    create(request) {
      const name = (request.properties["Name"] as string | undefined) ?? request.physicalName(64);
      groups.set(name, localAws.clock.now());
      return { ref: name, attributes: { Arn: groupArn(localAws, name), State: "ACTIVE" } };
    },
  };

  return {
    service: { name: "scheduler", operations: operations(localAws, schedules, groups) },
    resources: { "AWS::Scheduler::Schedule": scheduleType, "AWS::Scheduler::ScheduleGroup": groupType },
    start() {
      if (isStarted) return;
      isStarted = true;
      for (const schedule of schedules.values()) arm(schedule);
    },
    stop() {
      isStarted = false;
      for (const cancel of armed.values()) cancel();
      armed.clear();
    },
  };
}

const groupArn = (localAws: LocalAws, name: string): string =>
  localAws.arn("scheduler", `schedule-group/${name}`);

function operations(
  localAws: LocalAws,
  schedules: ReadonlyMap<string, Schedule>,
  groups: ReadonlyMap<string, number>,
): Record<string, Operation> {
  const arnOf = ({ GroupName: group = "default", Name: name }: Shape): string =>
    localAws.arn("scheduler", `schedule/${group as string}/${name as string}`);
  return {
    GetSchedule: {
      permissions: (input) => [{ action: "scheduler:GetSchedule", resource: arnOf(input) }],
      run(input) {
        const schedule = schedules.get(arnOf(input));
        if (schedule) return describeSchedule(schedule);
        const message = `Schedule ${input["Name"] as string} does not exist.`;
        throw new AwsError("ResourceNotFoundException", message, 404);
      },
    },
    ListSchedules: {
      permissions: () => [{ action: "scheduler:ListSchedules", resource: "*" }],
      run(input) {
        const { GroupName: group, NamePrefix: prefix = "", State: state } = input;
        const wanted = [...schedules.values()].filter(
          (one) => one.name.startsWith(prefix as string) && (group ?? one.group) === one.group,
        );
        const summaries = wanted.map(summaryOf).filter(({ State }) => (state ?? State) === State);
        return pageOf("Schedules", summaries, input);
      },
    },
    ListScheduleGroups: {
      permissions: () => [{ action: "scheduler:ListScheduleGroups", resource: "*" }],
      run(input) {
        const prefix = (input["NamePrefix"] ?? "") as string;
        const named = [...groups].filter(([name]) => name.startsWith(prefix));
        const summaries = named.map(([Name, createdAtMs]) => ({
          Arn: groupArn(localAws, Name),
          Name,
          State: "ACTIVE",
          CreationDate: createdAtMs / 1000,
          LastModificationDate: createdAtMs / 1000,
        }));
        return pageOf("ScheduleGroups", summaries, input);
      },
    },
  };
}

function pageOf(member: string, items: readonly Shape[], input: Shape): Shape {
  const { MaxResults: limit, NextToken: token } = input;
  const refuse = (message: string) => new AwsError("ValidationException", message);
  const { items: page, next } = listPage(items, { member: "maxResults", limit, most: 100, token, refuse });
  return { [member]: page, ...(next ? { NextToken: next } : {}) };
}

function summaryOf({ arn, name, group, properties, createdAtMs }: Schedule): Shape {
  return {
    Arn: arn,
    Name: name,
    GroupName: group,
    State: properties.State ?? "ENABLED",
    Target: { Arn: properties.Target.Arn },
    CreationDate: createdAtMs / 1000,
    LastModificationDate: createdAtMs / 1000,
  };
}
