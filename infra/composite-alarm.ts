/** One alarm that stands for all: for a status page, or a deployment that rolls back when it rises. */
import { AlarmRule, CompositeAlarm, type Alarm } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { physicalName } from "./physical-name.ts";

/** Returns its name. It has no actions: each of the other alarms notifies the topic. */
export function createCompositeAlarm(scope: Construct, alarms: readonly Alarm[]): string {
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
