/** What people who run Ringmaster look at: alarms, a dashboard and saved queries. docs/operations.md explains them. */
import { Construct } from "constructs";
import { createAlarms } from "./alarms.ts";
import { createDashboard } from "./dashboard.ts";
import { createLogQueries } from "./log-queries.ts";
import type { Watched } from "./watched.ts";

export class Operations extends Construct {
  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    const alarms = createAlarms(this, watched);
    createDashboard(this, watched, alarms);
    createLogQueries(this);
  }
}
