/** SendMessage and SendMessageBatch. */
import { AwsError, type AwsCall, type Shape } from "../local-aws.ts";
import { batch } from "./batch.ts";
import { digestOfAttributes, type MessageAttributes } from "./message-digest.ts";
import { checkPolicy } from "../iam/resource-policy.ts";
import type { Queue } from "./queue.ts";

interface Entry {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: MessageAttributes;
  readonly MessageGroupId?: string;
}

const MAX_DELAY_SECONDS = 900;

export function sendMessage(queue: Queue, input: Shape, call: AwsCall): Shape {
  checkSender(queue, call);
  return sendOne(queue, input as Entry, call);
}

export function sendMessageBatch(queue: Queue, input: Shape, call: AwsCall): Shape {
  checkSender(queue, call);
  return batch("SendMessageBatch", input, (entry) => sendOne(queue, entry as Entry, call));
}

function checkSender(queue: Queue, { caller }: AwsCall): void {
  if (caller.kind !== "service") return;
  const { principal, sourceArn } = caller;
  checkPolicy(queue.policy, { principal, sourceArn, action: "sqs:SendMessage", resource: queue.arn });
}

function sendOne(queue: Queue, entry: Entry, { caller }: AwsCall): Shape {
  const { MessageBody: body, DelaySeconds: delay = queue.settings.delaySeconds } = entry;
  const attributes = entry.MessageAttributes ?? {};
  if (!body) throw new AwsError("MissingParameter", "The request must contain the parameter MessageBody.");
  if (Buffer.byteLength(body) + sizeOf(attributes) > queue.settings.maximumMessageBytes) {
    throw new AwsError(
      "InvalidParameterValueException",
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.maximumMessageBytes} bytes.`,
    );
  }
  if (!Number.isInteger(delay) || delay < 0 || delay > MAX_DELAY_SECONDS) {
    throw new AwsError(
      "InvalidParameterValueException",
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`,
    );
  }
  const sender = caller.kind === "role" ? caller.arn : caller.kind;
  const { id, digest } = queue.send({ body, attributes, delaySeconds: delay, sender });
  const attributesDigest = digestOfAttributes(attributes);
  const reply = { MessageId: id, MD5OfMessageBody: digest };
  return attributesDigest ? { ...reply, MD5OfMessageAttributes: attributesDigest } : reply;
}

function sizeOf(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name + DataType + (StringValue ?? "")) +
      Buffer.byteLength(BinaryValue ?? "", "base64"),
    0,
  );
}
