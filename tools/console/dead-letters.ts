/** `dead-letters`: messages that a function could not handle. Reading neither removes a letter nor hides it from other readers. */
import { GetQueueAttributesCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { wayOf } from "./letter-ways.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";
import type { DeadLettersView } from "./views.ts";
import { textWithoutSecrets } from "./without-secrets.ts";

type QueueView = DeadLettersView["queues"][number];
type Letter = QueueView["letters"][number];

/** Each look counts as a receive of these letters, so it is not repeated at once. */
export async function readDeadLetters(reading: Reading, canWrite: boolean): Promise<DeadLettersView> {
  const known = reading.memory.letters.get("");
  if (known) return known;
  const queues = await sideBySide(reading.stack.deadLetterQueues, (queue) =>
    queueView(reading, queue, canWrite),
  );
  const view = { queues };
  reading.memory.letters.set("", view);
  return view;
}

async function queueView(
  reading: Reading,
  { name, url: QueueUrl }: { readonly name: string; readonly url: string },
  canWrite: boolean,
): Promise<QueueView> {
  const { sqs } = reading;
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] });
  const { Attributes } = await sqs.send(asked);
  const messages = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  if (messages === 0) return { name, messages, letters: [] };
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    WaitTimeSeconds: 0,
    MessageSystemAttributeNames: ["SentTimestamp"],
    MessageAttributeNames: ["All"],
  });
  const { Messages = [] } = await sqs.send(receive);
  const letters = new Map(Messages.map((message) => [message.MessageId, message]));
  const shown = await sideBySide([...letters.values()], async (message) => {
    const way = canWrite ? await wayOf(reading, name, message.Body ?? "") : undefined;
    return { ...letterOf(message), ...(way && { replay: way.kind === "bus" ? "the bus" : way.name }) };
  });
  return { name, messages, letters: shown };
}

function letterOf({ MessageId = "", Body = "", Attributes, MessageAttributes = {} }: Message): Letter {
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [
    name,
    textWithoutSecrets(StringValue),
  ]);
  return {
    id: MessageId,
    sentAtMs: Number(Attributes?.SentTimestamp ?? 0),
    // Each value is a text.
    attributes: Object.fromEntries(attributes) as Letter["attributes"],
    body: textWithoutSecrets(Body),
  };
}
