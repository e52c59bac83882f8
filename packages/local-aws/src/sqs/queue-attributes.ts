/** GetQueueAttributes: all values are strings. */
import { AwsError, type Shape } from "../local-aws.ts";
import type { Queue } from "./queue.ts";

export function getQueueAttributes(queue: Queue, input: Shape): Shape {
  const names = (input["AttributeNames"] ?? []) as string[];
  const all = attributesOf(queue);
  const unknown = names.find((name) => name !== "All" && !(name in all));
  if (unknown) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const chosen = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (names.includes("All") || names.includes(name)),
  );
  return chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {};
}

function attributesOf(queue: Queue): Record<string, string | undefined> {
  const { arn, settings, policy, createdAtMs } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const createdAtSeconds = String(Math.floor(createdAtMs / 1000));
  return {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: createdAtSeconds,
    LastModifiedTimestamp: createdAtSeconds,
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    SqsManagedSseEnabled: "true",
    Policy: policy && JSON.stringify(policy),
    RedrivePolicy: settings.redrive && JSON.stringify(settings.redrive),
  };
}
