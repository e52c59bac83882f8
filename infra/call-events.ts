/** The events that start the workflow of a call or end its wait, and the function that passes them on. */
import { Duration } from "aws-cdk-lib";
import { Match, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { WAKING_EVENTS } from "../events/catalogue.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { grantWaking } from "./call-workflow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters } from "./watched.ts";

export interface CallEventsProps extends Foundation {
  readonly stateMachine: StateMachine;
}

export class CallEvents extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { bundles, tables, bus, stateMachine }: CallEventsProps) {
    super(scope, id);
    const deadLetterQueue = createDeadLetterQueue(this, "drive-call");
    this.deadLetters = { functionName: "drive-call", queue: deadLetterQueue };
    const driveCall = createFunction(this, "drive-call", { bundles, onFailure: deadLetterQueue });
    tables.grant(driveCall, "calls", "GetItem");
    grantWaking(driveCall, stateMachine);
    new Rule(this, "wake-call", {
      ruleName: physicalName(this, "wake-call"),
      description: "Starts the workflow of a call, or ends its wait",
      eventBus: bus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [...WAKING_EVENTS],
        detail: { wakes: Match.doesNotExist() },
      },
      // By then the workflow has read the call itself, or the sweep has repaired it.
      targets: [new LambdaFunction(driveCall, { deadLetterQueue, maxEventAge: Duration.minutes(15) })],
    });
  }
}
