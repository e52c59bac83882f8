/** The queues of hints about participants, and how their functions read them. */
import { Duration } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { type FunctionName, functionSizes } from "./function-sizes.ts";
import { setVariable, type Variable } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";

/** As Lambda advises, so that a batch that is throttled at first is not received twice. */
const VISIBILITY_IN_TIMEOUTS = 6;
/** A hint says nothing about a call that has long been over. */
const RETENTION = Duration.days(1);
/** Receives before a message counts as bad. While IVS throttles, messages come back every 3 minutes: half an hour. */
const MAX_RECEIVES = { "screen-hints": 5, "verify-legs": 10, "remove-participants": 5 } as const;

export interface HintQueue {
  readonly name: string;
  readonly logicalId: string;
  readonly reader: keyof typeof MAX_RECEIVES & FunctionName;
  readonly delaySeconds?: number;
  readonly failed: Queue;
}

export function createHintQueue(scope: Construct, options: HintQueue): Queue {
  const { name, logicalId, reader, delaySeconds = 0, failed } = options;
  const queue = new Queue(scope, name, {
    queueName: physicalName(scope, `ringmaster-${name}`),
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

/** Tells a function the queue's address, and lets it send there. */
export function grantSending(
  grantee: Function,
  variable: Extract<Variable, `${string}_QUEUE_URL`>,
  queue: IQueue,
): void {
  setVariable(grantee, variable, queue.queueUrl);
  allow(grantee, ["sqs:SendMessage"], queue.queueArn);
}

export interface Reading {
  readonly batchSize: number;
  readonly maxBatchingWindow?: Duration;
  readonly maxConcurrency: number;
}

/** CDK's event source would also let the function change visibility and look up the queue. */
export function readQueue(reader: Function, queue: Queue, reading: Reading): void {
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
