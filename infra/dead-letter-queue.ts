/** A queue for events that did not reach a function, or that it failed on. Normally empty: an alarm watches it. */
import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { physicalName } from "./physical-name.ts";
import type { Receiver } from "./watched.ts";

export function createDeadLetterQueue(scope: Construct, name: Receiver): Queue {
  const queue = new Queue(scope, `${name}-failed`, {
    queueName: physicalName(scope, `ringmaster-${name}-failed`),
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  acknowledge(
    queue,
    "This is itself where failed events end; people read it",
    "AwsSolutions-SQS3",
    "Serverless-SQSRedrivePolicy",
  );
  return queue;
}
