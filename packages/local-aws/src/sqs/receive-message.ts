/** ReceiveMessage: what is visible now, or, with a wait, what becomes visible within it. */
import { AwsError, type Shape } from "../local-aws.ts";
import type { Clock } from "../clock.ts";
import { digestOfAttributes, type MessageAttributes } from "./message-digest.ts";
import { type Message, type Queue, receiptHandle } from "./queue.ts";

interface Request {
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

export async function receiveMessage(queue: Queue, input: Shape, clock: Clock): Promise<Shape> {
  const request = input as Request;
  const max = request.MaxNumberOfMessages ?? 1;
  if (max < 1 || max > 10) {
    throw new AwsError(
      "InvalidParameterValueException",
      `Value ${max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
    );
  }
  const visibility = request.VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds;
  const endMs = clock.now() + (request.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds) * 1000;
  for (;;) {
    const taken = queue.take(max, visibility);
    if (taken.length > 0) return { Messages: taken.map((message) => received(message, request)) };
    if (clock.now() >= endMs) return {};
    await changeBefore(queue, Math.min(endMs, queue.nextVisibleAtMs() ?? endMs), clock);
  }
}

/** Until the queue changes or the time comes. */
function changeBefore(queue: Queue, untilMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      forget();
      resolve();
    };
    const cancel = clock.after(Math.max(0, untilMs - clock.now()), end);
    const forget = queue.onChange(end);
  });
}

function received(message: Message, request: Request): Shape {
  const { id, body, digest, attributes } = message;
  const reply: Shape = {
    MessageId: id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: digest,
    Body: body,
  };
  const wanted = [...(request.AttributeNames ?? []), ...(request.MessageSystemAttributeNames ?? [])];
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => wanted.includes("All") || wanted.includes(name),
  );
  if (system.length > 0) reply["Attributes"] = Object.fromEntries(system);
  const own = selected(attributes, request.MessageAttributeNames ?? []);
  const ownDigest = digestOfAttributes(own);
  return ownDigest ? { ...reply, MessageAttributes: own, MD5OfMessageAttributes: ownDigest } : reply;
}

const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
  SenderId: message.sender,
  SentTimestamp: String(message.sentAtMs),
});

/** "All" and ".*" mean every attribute, "name.*" those that begin with the name. */
function selected(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const isWanted = (name: string): boolean =>
    names.some(
      (wanted) =>
        wanted === "All" ||
        wanted === name ||
        (wanted.endsWith(".*") && name.startsWith(wanted.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
