/** For the people who run Ringmaster: alarms, a dashboard and saved queries. docs/operations.md explains them. */
import { Construct } from "constructs";
import { createAlarms } from "./alarms.ts";
import { createCompositeAlarm } from "./composite-alarm.ts";
import { createDashboard } from "./dashboard.ts";
import { createLogQueries } from "./log-queries.ts";
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
