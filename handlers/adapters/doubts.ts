/** The queue of calls at whose stage somebody should look: `verify-legs` reads it. */
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Hint } from "../../calls/presence.ts";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";

/** SQS takes 10 messages a request. */
const MAX_ENTRIES = 10;

export interface Doubts {
  /** Throws if any of them was not taken. A hint that is passed on twice does no harm. */
  pass(hints: readonly Hint[], delaySeconds?: number): Promise<void>;
}

export function doubts({
  AWS_REGION,
  DOUBTS_QUEUE_URL,
}: Environment<"AWS_REGION" | "DOUBTS_QUEUE_URL">): Doubts {
  // The Region's endpoint, as with every other client: the queue's URL only names the queue.
  const client = new SQSClient({ ...clientOptions(AWS_REGION), useQueueUrlAsEndpoint: false });
  return {
    async pass(hints, delaySeconds = 0) {
      for (let from = 0; from < hints.length; from += MAX_ENTRIES) {
        const Entries = hints.slice(from, from + MAX_ENTRIES).map((hint, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(hint),
          DelaySeconds: delaySeconds,
        }));
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({ QueueUrl: DOUBTS_QUEUE_URL, Entries }),
        );
        const codes = Failed.map(({ Code }) => Code).join(", ");
        if (codes) throw new Error(`${Failed.length} of ${Entries.length} hints were refused: ${codes}`);
      }
    },
  };
}
