/**
 * What runs without a caller that waits: events to functions and queues, queues to functions, schedules. Delivery is at least once
 * and in any order. A function that fails three times, or a message that is received too often, ends in a dead-letter queue.
 */
import { JOIN_SECONDS, UNPUBLISHED_GRACE_SECONDS } from "../../calls/limits.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import { CallAnswered, CallEnded } from "../../events/call-progress.ts";
import { EVENT_SOURCE } from "../../events/event.ts";
import { LegJoined, LegMoved, LegUpdated } from "../../events/legs.ts";
import { StagePoolLow } from "../../events/stage-pool-low.ts";
import { type FunctionName, functionSizes } from "../../infra/function-sizes.ts";
import type { Input } from "./model-aws.ts";
import type { Faults } from "./faults.ts";
import type { FunctionRuns, Outcome } from "./function-runs.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** As infra/ makes them: which function reads, how long messages wait, how often one is received. */
const QUEUES = {
  published: { reader: "screen-hints", delaySeconds: 0, receives: 5 },
  unpublished: { reader: "screen-hints", delaySeconds: UNPUBLISHED_GRACE_SECONDS, receives: 5 },
  answered: { reader: "screen-hints", delaySeconds: JOIN_SECONDS, receives: 5 },
  ended: { reader: "screen-hints", delaySeconds: 0, receives: 5 },
  doubts: { reader: "verify-legs", delaySeconds: 0, receives: 10 },
  removals: { reader: "remove-participants", delaySeconds: 0, receives: 5 },
} as const;
export type QueueName = keyof typeof QUEUES;

/** The end of each queue's URL in the functions' environment. */
const QUEUE_OF_URL: Readonly<Record<string, QueueName>> = {
  "ringmaster-legs-in-doubt": "doubts",
  "ringmaster-participants-unpublished": "unpublished",
  "ringmaster-legs-ended": "ended",
  "ringmaster-removals": "removals",
};

const VISIBILITY_IN_TIMEOUTS = 6;
/** Pauses of Lambda between its three attempts at an event. */
const ASYNC_PAUSES_MS = [60_000, 120_000];
const MINUTE_MS = 60_000;

interface Target {
  readonly matches: (event: BusEvent) => boolean;
  readonly to:
    | { readonly queue: QueueName }
    | { readonly run: FunctionName; readonly input?: (event: BusEvent) => unknown };
}

const isOf =
  (...names: readonly string[]) =>
  ({ "detail-type": name }: BusEvent): boolean =>
    names.includes(name);

/** The rules on the bus: infra/call-events.ts, leg-watch.ts, stage-keeper.ts, call-workflow.ts. */
const RULES: readonly Target[] = [
  {
    matches: (event) => isOf(...WAKING_EVENTS)(event) && !("wakes" in event.detail),
    to: { run: "drive-call" },
  },
  { matches: isOf(CallAnswered.name, LegJoined.name), to: { queue: "answered" } },
  {
    matches: (event) =>
      isOf(LegUpdated.name)(event) &&
      event.detail["status"] !== "ended" &&
      event.detail["legStatus"] === "left",
    to: { queue: "ended" },
  },
  { matches: isOf(LegMoved.name), to: { queue: "ended" } },
  { matches: isOf(StagePoolLow.name), to: { run: "keep-stages" } },
  {
    matches: (event) => isOf(CallEnded.name)(event) && event.detail["endReason"] === "failed",
    to: { run: "send-push", input: ({ detail }) => ({ callId: detail["callId"] }) },
  },
];

export interface Deliveries {
  putEvents(input: Input): unknown;
  sendMessageBatch(input: Input): unknown;
  send(queue: QueueName, body: unknown, delaySeconds?: number): void;
  /** An event that Lambda itself repeats. */
  invokeLater(name: FunctionName, event: unknown): void;
  /** Runs it every minute. */
  schedule(name: FunctionName): void;
}

export interface DeliveriesOptions {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: () => number;
  readonly runs: FunctionRuns;
  readonly onEvent: (event: BusEvent) => void;
  readonly onDeadLetter: (name: FunctionName, why: Outcome, what: unknown) => void;
}

interface Message {
  readonly id: string;
  readonly body: string;
  receives: number;
}

export function deliveries(options: DeliveriesOptions): Deliveries {
  const { time, faults, random, runs, onEvent, onDeadLetter } = options;
  let messages = 0;

  async function attemptLater(name: FunctionName, event: unknown, failures = 0): Promise<void> {
    const outcome = await runs.invoke(name, event);
    if (outcome.kind === "replied") return;
    const pauseMs = ASYNC_PAUSES_MS[failures];
    if (pauseMs === undefined) return onDeadLetter(name, outcome, event);
    time.at(time.now() + pauseMs, () => void attemptLater(name, event, failures + 1));
  }
  const invokeLater = (name: FunctionName, event: unknown): void => void attemptLater(name, event);

  async function receive(queue: QueueName, message: Message): Promise<void> {
    const { reader, receives } = QUEUES[queue];
    message.receives += 1;
    const outcome = await runs.invoke(reader, { Records: [{ messageId: message.id, body: message.body }] });
    if (outcome.kind === "replied" && isDone(outcome.reply)) return;
    if (message.receives >= receives) return onDeadLetter(reader, outcome, message.body);
    const visibleAfterMs = functionSizes[reader].timeoutSeconds * 1000 * VISIBILITY_IN_TIMEOUTS;
    time.at(time.now() + visibleAfterMs, () => void receive(queue, message));
  }

  function send(queue: QueueName, body: unknown, delaySeconds?: number): void {
    const message = { id: `message-${messages++}`, body: JSON.stringify(body), receives: 0 };
    const times = faults.meets("message delivered twice", queue) ? 2 : 1;
    const { delaySeconds: usualSeconds } = QUEUES[queue];
    for (let copy = 0; copy < times; copy += 1) {
      const lateMs = faults.meets("message late", queue) ? random() * 120_000 : 20 + random() * 1_000;
      const visibleAtMs = time.now() + (delaySeconds ?? usualSeconds) * 1000 + lateMs;
      time.at(visibleAtMs, () => void receive(queue, { ...message }));
    }
  }

  function route(event: BusEvent): void {
    onEvent(event);
    for (const { matches, to } of RULES) {
      if (!matches(event)) continue;
      const name = event["detail-type"];
      const times = faults.meets("event delivered twice", name) ? 2 : 1;
      for (let copy = 0; copy < times; copy += 1) {
        const lateMs = faults.meets("event late", name) ? random() * 300_000 : 10 + random() * 80;
        time.at(time.now() + lateMs, () =>
          "queue" in to ? send(to.queue, event) : invokeLater(to.run, to.input?.(event) ?? event),
        );
      }
    }
  }

  type Entry = { readonly Source: string; readonly DetailType: string; readonly Detail: string };
  return {
    send,
    invokeLater,
    putEvents({ Entries }) {
      const replies = (Entries as readonly Entry[]).map(({ Source, DetailType, Detail }) => {
        if (faults.meets("entry of PutEvents refused", DetailType)) return { ErrorCode: "InternalFailure" };
        if (Source !== EVENT_SOURCE) throw new Error(`an event of ${Source}`);
        route({
          source: Source,
          "detail-type": DetailType,
          detail: JSON.parse(Detail) as BusEvent["detail"],
        });
        return { EventId: "sent" };
      });
      return { Entries: replies, FailedEntryCount: replies.filter((reply) => "ErrorCode" in reply).length };
    },
    sendMessageBatch({ QueueUrl, Entries }) {
      const queue = QUEUE_OF_URL[String(QueueUrl).split("/").at(-1) ?? ""];
      if (!queue) throw new Error(`there is no queue ${String(QueueUrl)}`);
      for (const { MessageBody, DelaySeconds } of Entries as readonly {
        MessageBody: string;
        DelaySeconds: number;
      }[])
        send(queue, JSON.parse(MessageBody), DelaySeconds);
      return {};
    },
    schedule(name) {
      const tick = (): void => {
        const pausesMs = faults.meets("schedule pauses", name) ? random() * 15 * MINUTE_MS : 0;
        if (pausesMs === 0) invokeLater(name, {});
        time.at(time.now() + MINUTE_MS + pausesMs, tick);
      };
      time.at(time.now() + random() * MINUTE_MS, tick);
    },
  };
}

type BatchReply = { readonly batchItemFailures?: readonly unknown[] } | undefined;
const isDone = (reply: unknown): boolean => ((reply as BatchReply)?.batchItemFailures ?? []).length === 0;
