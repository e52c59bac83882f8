/**
 * Asynchronous invocation: Lambda's own queue in front of a function. A failed event is tried again after one and two
 * minutes, a throttled one with growing pauses until it is too old; what is left goes to the on-failure destination.
 */
import type { LocalAws, Json, Shape } from "../local-aws.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { newRequestId, runHandler, type Outcome } from "./run-handler.ts";

const RETRY_DELAYS_MS = [60_000, 120_000];
const FIRST_THROTTLE_DELAY_MS = 1_000;
const LONGEST_THROTTLE_DELAY_MS = 300_000;

/** What lasts of it: an event that is being worked on at the end of the runtime is tried again, as it may come twice. */
export interface KeptEvent {
  readonly functionName: string;
  readonly payload: Json;
  readonly requestId: string;
  readonly queuedAtMs: number;
  /** Attempts in which the function ran. */
  attempts: number;
  throttles: number;
}

interface QueuedEvent extends KeptEvent {
  readonly fn: LambdaFunction;
}

export function invokeLater(fn: LambdaFunction, payload: Json, hasRoom: () => boolean): string {
  const { clock } = fn.running.localAws;
  const requestId = newRequestId();
  const functionName = fn.name;
  const event = { fn, functionName, payload, requestId, queuedAtMs: clock.now(), attempts: 0, throttles: 0 };
  keep(event);
  clock.after(0, () => void tryOnce(event, hasRoom));
  return requestId;
}

const PLACE = "lambda.queue";

/** The events that an earlier run has left queued. */
export const leftQueued = ({ store }: LocalAws): KeptEvent[] =>
  [...(store.rows(PLACE)?.entries() ?? [])].map(([, text]) => JSON.parse(text) as KeptEvent);

/** Goes on with one of them; without a function, which the template has no longer, it is dropped. */
export function resumeLater(
  { clock, store }: LocalAws,
  kept: KeptEvent,
  fn: LambdaFunction | undefined,
  hasRoom: (fn: LambdaFunction) => boolean,
): void {
  if (!fn) return store.rows(PLACE)?.delete(kept.requestId);
  clock.after(0, () => void tryOnce({ ...kept, fn }, () => hasRoom(fn)));
}

function keep({ fn, ...event }: QueuedEvent): void {
  const kept: KeptEvent = event;
  fn.running.localAws.store.rows(PLACE)?.put(event.requestId, JSON.stringify(kept));
}

const done = ({ fn, requestId }: QueuedEvent): void =>
  fn.running.localAws.store.rows(PLACE)?.delete(requestId);

async function tryOnce(event: QueuedEvent, hasRoom: () => boolean): Promise<void> {
  const again = (delayMs: number): void => {
    keep(event);
    event.fn.running.localAws.clock.after(delayMs, () => void tryOnce(event, hasRoom));
  };
  if (!hasRoom()) {
    const delayMs = Math.min(FIRST_THROTTLE_DELAY_MS * 2 ** event.throttles, LONGEST_THROTTLE_DELAY_MS);
    event.throttles += 1;
    return tooOld(event, delayMs) ? giveUp(event, "EventAgeExceeded") : again(delayMs);
  }
  event.attempts += 1;
  const outcome = await runHandler(event.fn, event.payload, event.requestId);
  if (!outcome.failed) return done(event);
  const delayMs = RETRY_DELAYS_MS[event.attempts - 1];
  if (delayMs === undefined || event.attempts > event.fn.asyncConfig.maximumRetryAttempts) {
    return giveUp(event, "RetriesExhausted", outcome);
  }
  return tooOld(event, delayMs) ? giveUp(event, "EventAgeExceeded", outcome) : again(delayMs);
}

function tooOld({ fn, queuedAtMs }: QueuedEvent, delayMs: number): boolean {
  const ageMs = fn.running.localAws.clock.now() + delayMs - queuedAtMs;
  return ageMs > fn.asyncConfig.maximumEventAgeSeconds * 1000;
}

async function giveUp(event: QueuedEvent, condition: string, outcome?: Outcome): Promise<void> {
  const { fn } = event;
  const { onFailureArn } = fn.asyncConfig;
  try {
    if (onFailureArn) await sendEnvelope(fn, onFailureArn, envelopeOf(event, condition, outcome));
    if (fn.deadLetterArn) await sendDeadLetter(event, fn.deadLetterArn, outcome);
  } catch {
    // Lambda drops the event when its destination refuses it; local AWS has told the refusal.
  }
  done(event);
}

function envelopeOf(event: QueuedEvent, condition: string, outcome?: Outcome): Json {
  const { fn, requestId, attempts, payload } = event;
  const failed: { [key: string]: Json } = outcome
    ? {
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload: outcome.payload,
      }
    : {};
  return {
    version: "1.0",
    timestamp: new Date(fn.running.localAws.clock.now()).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${fn.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: payload,
    ...failed,
  };
}

/** The function's own role sends to the destination. */
async function sendEnvelope(fn: LambdaFunction, arn: string, envelope: Json): Promise<void> {
  if (arn.split(":")[2] === "sqs") return sendToQueue(fn, arn, { MessageBody: JSON.stringify(envelope) });
  const entry = {
    EventBusName: arn,
    Source: "lambda",
    DetailType: "Lambda Function Invocation Result - Failure",
    Resources: [`${fn.arn}:$LATEST`, arn],
    Detail: JSON.stringify(envelope),
  };
  await callAs(fn, "events", "PutEvents", { Entries: [entry] });
}

function sendDeadLetter(event: QueuedEvent, arn: string, outcome?: Outcome): Promise<void> {
  const error = outcome?.payload as { errorMessage?: string } | undefined;
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return sendToQueue(event.fn, arn, {
    MessageBody: JSON.stringify(event.payload),
    MessageAttributes: {
      RequestID: text(event.requestId),
      ErrorCode: { DataType: "Number", StringValue: "200" },
      ErrorMessage: text((error?.errorMessage ?? "none").slice(0, 1024)),
    },
  });
}

async function sendToQueue(fn: LambdaFunction, arn: string, message: Shape): Promise<void> {
  const [, , , , account, name] = arn.split(":");
  await callAs(fn, "sqs", "SendMessage", {
    QueueUrl: `${fn.running.localAws.awsEndpoint}/${account}/${name}`,
    ...message,
  });
}

function callAs(
  { running }: LambdaFunction,
  service: string,
  operation: string,
  input: Shape,
): Promise<Shape> {
  const { localAws, roleArn: arn, functionName } = running;
  return localAws.call({ service, operation, input, caller: { kind: "role", arn, functionName } });
}
