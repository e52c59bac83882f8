/** A log group that every event goes to, for reading: the archive can only be replayed. */
import { ArnFormat, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type EventBus, type IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, ResourcePolicy, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { EVENT_SOURCE } from "../events/event.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters } from "./watched.ts";

/** EventBridge's console offers only groups below this prefix. */
const PREFIX = "/aws/events/";

export class EventLog extends Construct {
  readonly logGroup: LogGroup;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { bus }: { readonly bus: EventBus }) {
    super(scope, id);
    this.logGroup = new LogGroup(this, "log", {
      logGroupName: `${PREFIX}${physicalName(this, "ringmaster")}`,
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const queue = createDeadLetterQueue(this, "event-log");
    this.deadLetters = { functionName: "event-log", queue };
    const rule = new Rule(this, "log-events", {
      ruleName: physicalName(this, "log-events"),
      description: "Writes every event of calls and clients to a log, for operators",
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE] },
    });
    rule.addTarget(this.#target());
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": rule.ruleArn } },
      }),
    );
    this.#letIn(rule);
  }

  /** CDK's own target would let EventBridge in by a custom resource, with a function that may change any policy. */
  #target(): IRuleTarget {
    const arn = Stack.of(this).formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: this.logGroup.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const { queue } = this.deadLetters;
    const retryPolicy = { maximumEventAgeInSeconds: Duration.minutes(15).toSeconds() };
    return { bind: () => ({ arn, deadLetterConfig: { arn: queue.queueArn }, retryPolicy }) };
  }

  /** As EventBridge's guide says: streams of this group, and entries from this rule alone. */
  #letIn({ ruleArn }: Rule): void {
    const principals = ["events.amazonaws.com", "delivery.logs.amazonaws.com"].map(
      (name) => new ServicePrincipal(name),
    );
    const { logGroupArn } = this.logGroup;
    new ResourcePolicy(this, "policy", {
      resourcePolicyName: physicalName(this, "ringmaster-event-log"),
      policyStatements: [
        new PolicyStatement({ principals, actions: ["logs:CreateLogStream"], resources: [logGroupArn] }),
        new PolicyStatement({
          principals,
          actions: ["logs:PutLogEvents"],
          resources: [`${logGroupArn}:*`],
          conditions: { ArnEquals: { "aws:SourceArn": ruleArn } },
        }),
      ],
    });
  }
}
