/** Live updates of calls for phones, and of clients for people: each event is one mutation, with no function between. */
import { Duration } from "aws-cdk-lib";
import type { GraphqlApi } from "aws-cdk-lib/aws-appsync";
import { type EventBus, EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { AppSync } from "aws-cdk-lib/aws-events-targets";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { ClientUpdated } from "../events/clients.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { LegUpdated } from "../events/legs.ts";
import { PUBLISH_CALL_UPDATE, PUBLISH_CLIENT_UPDATE } from "../people/live-updates.ts";
import { allow } from "./allow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters } from "./watched.ts";

export interface LiveStateProps {
  readonly api: GraphqlApi;
  readonly bus: EventBus;
}

export class LiveState extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { api, bus }: LiveStateProps) {
    super(scope, id);
    const queue = createDeadLetterQueue(this, "live-state");
    this.deadLetters = { functionName: "live-state", queue };
    const eventRole = new Role(this, "role", { assumedBy: new ServicePrincipal("events.amazonaws.com") });
    const tell = (ruleName: string, { description, event, mutation }: Telling): void => {
      allow(eventRole, ["appsync:GraphQL"], `${api.arn}/types/Mutation/fields/${mutation.field}`);
      new Rule(this, ruleName, {
        ruleName: physicalName(this, ruleName),
        description,
        eventBus: bus,
        eventPattern: { source: [EVENT_SOURCE], detailType: [event] },
        targets: [
          new AppSync(api, {
            graphQLOperation: mutation.document,
            // The whole detail: a template that names fields cannot leave out one that the event lacks.
            variables: RuleTargetInput.fromObject({ input: EventField.fromPath("$.detail") }),
            eventRole,
            deadLetterQueue: queue,
            // Phones read a call when they subscribe, and drop older updates.
            maxEventAge: Duration.minutes(5),
          }),
        ],
      });
    };
    tell("tell-phones", {
      description: "Sends updates of a call to the phones that follow it",
      event: LegUpdated.name,
      mutation: { field: "publishCallUpdate", document: PUBLISH_CALL_UPDATE },
    });
    tell("tell-owners", {
      description: "Sends changes of clients to their owners",
      event: ClientUpdated.name,
      mutation: { field: "publishClientUpdate", document: PUBLISH_CLIENT_UPDATE },
    });
  }
}

interface Telling {
  readonly description: string;
  readonly event: string;
  readonly mutation: { readonly field: string; readonly document: string };
}
