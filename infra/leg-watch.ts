/**
 * Legs that vanish: what IVS says of participants, and every answer, goes through queues to `screen-hints`, and what is
 * doubtful to `verify-legs`, which asks IVS. The delays are the queues': time in which a phone may come back or join.
 */
import { Duration } from "aws-cdk-lib";
import { type IEventBus, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { BLINK_SECONDS, JOIN_SECONDS, LOOKERS } from "../calls/limits.ts";
import { CallAnswered } from "../events/call-progress.ts";
import { LegJoined } from "../events/legs.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { type FunctionName, functionSizes } from "./function-sizes.ts";
import { fixLogicalId } from "./logical-id.ts";
import { allowStages } from "./stage-access.ts";
import { allowItems } from "./tables.ts";
import type { DeadLetters } from "./watched.ts";

/** Lambda's advice: so that a batch which is throttled at first is not received twice. */
const VISIBILITY_IN_TIMEOUTS = 6;
/** A hint says nothing about a call that has long been over. */
const RETENTION = Duration.days(1);
/** Receives before a message counts as bad. While IVS throttles, messages come back every 3 minutes: half an hour. */
const MAX_RECEIVES = { "screen-hints": 5, "verify-legs": 10 } as const;
/** Enough for a thousand hints a second, and few enough to leave the account's concurrency to calls. */
const SCREENERS = 10;

type Reader = keyof typeof MAX_RECEIVES & FunctionName;

interface HintQueue {
  readonly name: string;
  readonly logicalId: string;
  readonly reader: Reader;
  readonly delaySeconds?: number;
  readonly failed: Queue;
}

export class LegWatch extends Construct {
  /** Calls at whose stage somebody should look. */
  readonly doubts: Queue;
  readonly deadLetters: DeadLetters[];

  constructor(scope: Construct, id: string, foundation: Foundation) {
    super(scope, id);
    const failed = createDeadLetterQueue(this, "screen-hints");
    const unverified = createDeadLetterQueue(this, "verify-legs");
    this.deadLetters = [
      { functionName: "screen-hints", queue: failed },
      { functionName: "verify-legs", queue: unverified },
    ];
    this.doubts = this.#createQueue({
      name: "legs-in-doubt",
      logicalId: "LegsInDoubt",
      reader: "verify-legs",
      failed: unverified,
    });
    this.#screen(foundation, failed);
    this.#verify(foundation);
  }

  #screen({ bundles, tables, bus }: Foundation, failed: Queue): void {
    const screenHints = createFunction(this, "screen-hints", {
      bundles,
      environment: { CALLS_TABLE: tables.calls.tableName, DOUBTS_QUEUE_URL: this.doubts.queueUrl },
    });
    allowItems(screenHints, tables.calls, "Query", "UpdateItem", "DeleteItem");
    allow(screenHints, ["sqs:SendMessage"], this.doubts.queueArn);
    const hints = { reader: "screen-hints", failed } as const;
    const published = this.#createQueue({
      name: "participants-published",
      logicalId: "ParticipantsPublished",
      ...hints,
    });
    const unpublished = this.#createQueue({
      name: "participants-unpublished",
      logicalId: "ParticipantsUnpublished",
      delaySeconds: BLINK_SECONDS,
      ...hints,
    });
    const answered = this.#createQueue({
      name: "calls-answered",
      logicalId: "CallsAnswered",
      delaySeconds: JOIN_SECONDS,
      ...hints,
    });
    this.#route({ name: "participant-published", to: published, failed, pattern: stageUpdate("Published") });
    this.#route({
      name: "participant-unpublished",
      to: unpublished,
      failed,
      pattern: stageUpdate("Unpublished"),
    });
    const pattern = { source: [EVENT_SOURCE], detailType: [CallAnswered.name, LegJoined.name] };
    this.#route({ name: "call-answered", to: answered, failed, bus, pattern });
    for (const queue of [published, unpublished, answered]) {
      read(screenHints, queue, {
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(1),
        maxConcurrency: SCREENERS,
      });
    }
  }

  #verify({ bundles, tables, bus }: Foundation): void {
    const verifyLegs = createFunction(this, "verify-legs", {
      bundles,
      environment: {
        CALLS_TABLE: tables.calls.tableName,
        BUS_NAME: bus.eventBusName,
        DOUBTS_QUEUE_URL: this.doubts.queueUrl,
      },
    });
    allowItems(verifyLegs, tables.calls, "GetItem", "Query", "UpdateItem");
    bus.grantPutEventsTo(verifyLegs);
    allowStages(verifyLegs, "GetStage", "ListParticipants");
    allow(verifyLegs, ["sqs:SendMessage"], this.doubts.queueArn);
    read(verifyLegs, this.doubts, { batchSize: 10, maxConcurrency: LOOKERS });
  }

  #createQueue({ name, logicalId, reader, delaySeconds = 0, failed }: HintQueue): Queue {
    const queue = new Queue(this, name, {
      queueName: `ringmaster-${name}`,
      deliveryDelay: Duration.seconds(delaySeconds),
      visibilityTimeout: Duration.seconds(functionSizes[reader].timeoutSeconds * VISIBILITY_IN_TIMEOUTS),
      retentionPeriod: RETENTION,
      deadLetterQueue: { queue: failed, maxReceiveCount: MAX_RECEIVES[reader] },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    fixLogicalId(queue, logicalId);
    return queue;
  }

  #route({ name, bus, pattern, to, failed }: Route): void {
    new Rule(this, name, {
      ruleName: `ringmaster-${name}`,
      description: "Says who may be on a call's stage, or no longer",
      ...(bus && { eventBus: bus }),
      eventPattern: pattern,
      targets: [new SqsQueue(to, { deadLetterQueue: failed, maxEventAge: Duration.hours(1) })],
    });
  }
}

interface Route {
  readonly name: string;
  /** The default bus without it. */
  readonly bus?: IEventBus;
  readonly pattern: { source: string[]; detailType: string[]; detail?: Record<string, string[]> };
  readonly to: Queue;
  readonly failed: Queue;
}

const stageUpdate = (what: "Published" | "Unpublished"): Route["pattern"] => ({
  source: ["aws.ivs"],
  detailType: ["IVS Stage Update"],
  detail: { event_name: [`Participant ${what}`] },
});

interface Reading {
  readonly batchSize: number;
  readonly maxBatchingWindow?: Duration;
  readonly maxConcurrency: number;
}

/** CDK's event source would also let the function change visibility and look up the queue. */
function read(reader: Function, queue: Queue, reading: Reading): void {
  allow(reader, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.queueArn);
  const mapping = reader.addEventSourceMapping(queue.node.id, {
    eventSourceArn: queue.queueArn,
    reportBatchItemFailures: true,
    ...reading,
  });
  acknowledge(
    mapping,
    "An SQS event source has no failure destination: the queue has its dead-letter queue",
    "Serverless-LambdaEventSourceMappingDestination",
  );
}
