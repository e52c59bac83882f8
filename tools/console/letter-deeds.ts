/**
 * What an operator does to a dead letter, where the console may write: sends it again to where it came from, or deletes it. A
 * letter that is sent again is deleted after that, so a failure in between leaves it twice rather than not at all.
 */
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import { type LetterWay, wayOf } from "./letter-ways.ts";
import type { Reading } from "./reading.ts";
import { ViewProblem } from "./view-problem.ts";

export const DEEDS = ["replay", "delete"] as const;
export type LetterDeed = (typeof DEEDS)[number];
export const letterSchema = z.strictObject({ queue: z.string(), id: z.string() });
type Which = z.output<typeof letterSchema>;

/** How long other readers of the queue do not get the letters that are looked through. */
const HELD_SECONDS = 20;
const MOST_RECEIVES = 10;

export async function doToLetter(reading: Reading, deed: LetterDeed, which: Which): Promise<void> {
  const queue = reading.stack.deadLetterQueues.find(({ name }) => name === which.queue);
  if (!queue) throw new ViewProblem(404, "There is no such queue", `queue ${which.queue}`);
  const letter = await taken(reading, queue.url, which.id);
  try {
    if (deed === "replay")
      await sendAgain(reading, await wayOf(reading, queue.name, letter.Body ?? ""), letter);
  } catch (error) {
    await letGo(reading, queue.url, [letter]);
    throw error;
  }
  await reading.sqs.send(
    new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: letter.ReceiptHandle }),
  );
  reading.memory.letters.forget();
}

/** A letter can be deleted by who received it: those before it are let go again. */
async function taken(reading: Reading, QueueUrl: string, id: string): Promise<Message> {
  const others: Message[] = [];
  try {
    for (let receive = 0; receive < MOST_RECEIVES; receive += 1) {
      const { Messages = [] } = await reading.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HELD_SECONDS,
          MessageAttributeNames: ["All"],
        }),
      );
      const found = Messages.find(({ MessageId }) => MessageId === id);
      others.push(...Messages.filter((message) => message !== found));
      if (found) return found;
      if (Messages.length === 0) break;
    }
  } finally {
    await letGo(reading, QueueUrl, others);
  }
  throw new ViewProblem(409, "The letter is not there", "another reader holds it, or it is gone: look again");
}

async function letGo({ sqs }: Reading, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  await Promise.all(
    messages.map(({ ReceiptHandle }) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
    ),
  );
}

async function sendAgain(
  { sqs, events, stack }: Reading,
  way: LetterWay | undefined,
  { Body, MessageAttributes }: Message,
): Promise<void> {
  switch (way?.kind) {
    case undefined:
      throw new ViewProblem(
        422,
        "The letter cannot be sent again",
        "it is no event of this stack's bus, and no queue of the stack gave it up",
      );
    case "queue": {
      const MessageBody = Body ?? "";
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: way.url,
          MessageBody,
          ...(MessageAttributes && { MessageAttributes }),
        }),
      );
      return;
    }
    case "bus": {
      const { source: Source, "detail-type": DetailType, detail } = way.event;
      const Entries = [{ EventBusName: stack.busName, Source, DetailType, Detail: JSON.stringify(detail) }];
      const { FailedEntryCount = 0, Entries: results = [] } = await events.send(
        new PutEventsCommand({ Entries }),
      );
      if (FailedEntryCount > 0)
        throw new ViewProblem(
          502,
          "The bus did not take the event",
          results[0]?.ErrorMessage ?? "no reason given",
        );
    }
  }
}
