/** How calls reach phones that look at them: each LegUpdated event is one mutation, with no function between. */
import { Duration } from "aws-cdk-lib";
import type { GraphqlApi } from "aws-cdk-lib/aws-appsync";
import { type EventBus, EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { AppSync } from "aws-cdk-lib/aws-events-targets";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { EVENT_SOURCE } from "../events/event.ts";
import { LegUpdated } from "../events/legs.ts";
import { PUBLISH_CALL_UPDATE } from "../people/call-update.ts";
import { allow } from "./allow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { DeadLetters } from "./watched.ts";

export interface LiveStateProps {
  readonly api: GraphqlApi;
  readonly bus: EventBus;
}

export class LiveState extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { api, bus }: LiveStateProps) {
    super(scope, id);
    const deadLetterQueue = createDeadLetterQueue(this, "live-state");
    this.deadLetters = { functionName: "live-state", queue: deadLetterQueue };
    const role = new Role(this, "role", { assumedBy: new ServicePrincipal("events.amazonaws.com") });
    allow(role, ["appsync:GraphQL"], `${api.arn}/types/Mutation/fields/publishCallUpdate`);
    new Rule(this, "tell-phones", {
      ruleName: "tell-phones",
      description: "Tells the phones that look at a call how it stands",
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [LegUpdated.name] },
      targets: [
        new AppSync(api, {
          graphQLOperation: PUBLISH_CALL_UPDATE,
          // The detail whole: a template that names fields has no way to leave out one that the event has not.
          variables: RuleTargetInput.fromObject({ input: EventField.fromPath("$.detail") }),
          eventRole: role,
          deadLetterQueue,
          // Phones read a call when they subscribe, and drop what is older than what they know.
          maxEventAge: Duration.minutes(5),
        }),
      ],
    });
  }
}
