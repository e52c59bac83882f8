/** The event bus and its archive, from which a month of events can be replayed. */
import { Duration } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { EVENT_SOURCE } from "../events/event.ts";
import { setVariable } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";

export function createBus(scope: Construct): EventBus {
  const bus = new EventBus(scope, "bus", {
    eventBusName: physicalName(scope, "ringmaster"),
    description: "Everything that happens to calls and clients",
  });
  fixLogicalId(bus, "Bus");
  bus.archive("archive", {
    description: "All events of Ringmaster, for 30 days",
    eventPattern: { source: [EVENT_SOURCE] },
    retention: Duration.days(30),
  });
  return bus;
}

/** Tells a function the bus's name, and lets it publish there. */
export function grantPublishing(grantee: Function, bus: EventBus): void {
  setVariable(grantee, "BUS_NAME", bus.eventBusName);
  bus.grantPutEventsTo(grantee);
}
