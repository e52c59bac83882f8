import {
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  paginateListScheduleGroups,
  paginateListSchedules,
  ResourceNotFoundException,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createScheduler, type Scheduler } from "../../src/scheduler/scheduler.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const Target = {
  Arn: "arn:aws:lambda:us-east-1:000000000000:function:sweep-calls",
  RoleArn: "arn:aws:iam::000000000000:role/scheduler",
  Input: "{}",
};

let aws: StockAws<Scheduler>;
let scheduler: SchedulerClient;

beforeEach(async () => {
  aws = await openStockAws(createScheduler);
  scheduler = new SchedulerClient(aws.settings);
});
afterEach(async () => {
  scheduler.destroy();
  await aws.close();
});

const newSchedule = (Name: string, more = {}) =>
  aws.create("AWS::Scheduler::Schedule", {
    Name,
    ScheduleExpression: "rate(1 minute)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target,
    ...more,
  });
const list = async (input = {}) =>
  (await scheduler.send(new ListSchedulesCommand(input))).Schedules?.map(({ Name }) => Name);

test("a schedule is shown with its dates, in its group", async () => {
  await aws.create("AWS::Scheduler::ScheduleGroup", { Name: "orders" });
  await newSchedule("sweep", { GroupName: "orders", EndDate: "2026-06-01T00:00:00Z" });
  const shown = await scheduler.send(new GetScheduleCommand({ Name: "sweep", GroupName: "orders" }));
  expect(shown).toMatchObject({
    Arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/orders/sweep",
    GroupName: "orders",
    State: "ENABLED",
    ScheduleExpression: "rate(1 minute)",
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target,
    CreationDate: new Date(aws.clock.now()),
    EndDate: new Date("2026-06-01T00:00:00Z"),
  });
});

test("schedules are listed by group, prefix and state", async () => {
  await aws.create("AWS::Scheduler::ScheduleGroup", { Name: "orders" });
  await newSchedule("sweep-calls");
  await newSchedule("sweep-stages", { GroupName: "orders" });
  await newSchedule("keep-stages", { State: "DISABLED" });
  expect(await list({ GroupName: "orders" })).toEqual(["sweep-stages"]);
  expect(await list({ NamePrefix: "sweep" })).toEqual(["sweep-calls", "sweep-stages"]);
  expect(await list({ State: "DISABLED" })).toEqual(["keep-stages"]);
});

test("schedules and groups are listed page by page", async () => {
  for (const name of ["a", "b", "c"]) {
    await newSchedule(name);
    await aws.create("AWS::Scheduler::ScheduleGroup", { Name: name });
  }
  const pages: number[] = [];
  for await (const { Schedules } of paginateListSchedules({ client: scheduler, pageSize: 2 }, {}))
    pages.push(Schedules?.length ?? 0);
  expect(pages).toEqual([2, 1]);
  const groups: (string | undefined)[][] = [];
  for await (const page of paginateListScheduleGroups({ client: scheduler, pageSize: 3 }, {}))
    groups.push((page.ScheduleGroups ?? []).map(({ Name }) => Name));
  expect(groups).toEqual([["default", "a", "b"], ["c"]]);
  const named = await scheduler.send(new ListScheduleGroupsCommand({ NamePrefix: "def" }));
  expect(named.ScheduleGroups).toEqual([
    {
      Arn: "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default",
      Name: "default",
      State: "ACTIVE",
      CreationDate: new Date(aws.clock.now()),
      LastModificationDate: new Date(aws.clock.now()),
    },
  ]);
});

test("a schedule that is not there and a page that is too large are refused", async () => {
  const missing = scheduler.send(new GetScheduleCommand({ Name: "none" }));
  await expect(missing).rejects.toThrow(ResourceNotFoundException);
  await expect(missing).rejects.toMatchObject({
    message: "Schedule none does not exist.",
    $metadata: { httpStatusCode: 404 },
  });
  await expect(list({ MaxResults: 101 })).rejects.toMatchObject({ name: "ValidationException" });
});

test("a stock client has used every operation of the Scheduler", () => expect(aws.untried()).toEqual([]));
