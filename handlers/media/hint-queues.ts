/**
 * The queues between the functions that know who is on a stage: what `screen-hints` finds doubtful goes to `verify-legs`, what
 * it looks at later comes back to itself, and whoever lists a removal wakes the remover.
 */
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { CallId } from "../../calls/ids.ts";
import type { Hint } from "../../calls/presence.ts";
import type { Environment } from "../edge/environment.ts";
import { clientOptions } from "../edge/client-options.ts";

/** SQS takes 10 messages a request, and delays one by 15 minutes at most. */
const MAX_ENTRIES = 10;
const MAX_DELAY_SECONDS = 900;

export interface HintQueue<Body> {
  /** Throws if any of them was not taken. What is passed on twice does no harm. */
  send(bodies: readonly Body[], delaySeconds?: number): Promise<void>;
}

/** Calls at whose stage `verify-legs` should look. */
export type Doubts = HintQueue<Hint>;
/** Phones that stopped publishing, and may be back by the time that the hint is read. */
export type Blinks = HintQueue<Hint>;
/** Calls that are over, to be looked through once their grace has passed. */
export interface EndedCall {
  readonly kind: "ended";
  readonly callId: CallId;
}
export type EndedCalls = HintQueue<EndedCall>;
/** Something is due for the remover, or will be after the delay. */
export type Wakes = HintQueue<{ readonly kind: "due" }>;

type Url = "DOUBTS_QUEUE_URL" | "BLINKS_QUEUE_URL" | "ENDINGS_QUEUE_URL" | "REMOVALS_QUEUE_URL";
type With<Name extends Url> = Environment<"AWS_REGION" | Name>;

export const doubts = (env: With<"DOUBTS_QUEUE_URL">): Doubts =>
  hintQueue(env.AWS_REGION, env.DOUBTS_QUEUE_URL);
export const blinks = (env: With<"BLINKS_QUEUE_URL">): Blinks =>
  hintQueue(env.AWS_REGION, env.BLINKS_QUEUE_URL);
export const endedCalls = (env: With<"ENDINGS_QUEUE_URL">): EndedCalls =>
  hintQueue(env.AWS_REGION, env.ENDINGS_QUEUE_URL);
export const wakes = (env: With<"REMOVALS_QUEUE_URL">): Wakes =>
  hintQueue(env.AWS_REGION, env.REMOVALS_QUEUE_URL);

function hintQueue<Body>(region: string, QueueUrl: string): HintQueue<Body> {
  // The Region's endpoint, as with every other client: the queue's URL only names the queue.
  const client = new SQSClient({ ...clientOptions(region), useQueueUrlAsEndpoint: false });
  return {
    async send(bodies, delaySeconds = 0) {
      for (let from = 0; from < bodies.length; from += MAX_ENTRIES) {
        const Entries = bodies.slice(from, from + MAX_ENTRIES).map((body, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(body),
          DelaySeconds: Math.min(MAX_DELAY_SECONDS, delaySeconds),
        }));
        const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        const codes = Failed.map(({ Code }) => Code).join(", ");
        if (codes) throw new Error(`${Failed.length} of ${Entries.length} messages were refused: ${codes}`);
      }
    },
  };
}
