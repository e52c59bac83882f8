/** For the people who run Ringmaster: alarms, a dashboard and saved queries. docs/operations.md explains them. */
import { type Alarm, AlarmRule, CompositeAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { createAlarms } from "./alarms.ts";
import { createDashboard } from "./dashboard.ts";
import { createLogQueries } from "./log-queries.ts";
import { physicalName } from "./physical-name.ts";
import type { Watched } from "./watched.ts";

export class Operations extends Construct {
  /** Of the alarm that stands for all. */
  readonly alarmName: string;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    const alarms = createAlarms(this, watched);
    this.alarmName = createCompositeAlarm(this, alarms);
    if (watched.settings.operations === "full") createDashboard(this, watched, alarms);
    createLogQueries(this, watched.settings.media);
  }
}

/** One alarm that stands for all: for a status page, or a deployment that rolls back when it rises. Each of the others notifies the topic. */
function createCompositeAlarm(scope: Construct, alarms: readonly Alarm[]): string {
  const compositeAlarmName = physicalName(scope, "ringmaster");
  // By name, because the local runtime knows no attributes of alarms.
  const raised = alarms.map(({ alarmName }) => AlarmRule.fromString(`ALARM("${alarmName}")`));
  new CompositeAlarm(scope, "any alarm", {
    compositeAlarmName,
    alarmDescription: "At least one alarm of this stack is raised. Which, and what to do: docs/operations.md",
    alarmRule: AlarmRule.anyOf(...raised),
  });
  return compositeAlarmName;
}
