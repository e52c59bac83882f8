/**
 * A standard queue: what it holds, and when a message can be received.
 *
 * Q1 A message received is invisible until its visibility timeout ends, then it can be received again.
 * Q2 A message received as often as the redrive policy allows goes to the dead-letter queue instead of being received.
 * Q3 A receipt handle counts only for the latest receive.
 */
import { randomUUID } from "node:crypto";
import { AwsError, type LocalAws } from "../local-aws.ts";
import { asItIs } from "../store/store.ts";
import { digestOfBody, type MessageAttributes } from "./message-digest.ts";
import type { PolicyDocument } from "../iam/resource-policy.ts";

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly digest: string;
  readonly attributes: MessageAttributes;
  readonly sender: string;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  firstReceivedAtMs?: number;
}

export interface QueueSettings {
  readonly delaySeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  settings: QueueSettings;
  readonly createdAtMs: number;
  policy: PolicyDocument | undefined;
  send(message: NewMessage): Message;
  /** Takes up to `max` visible messages. */
  take(max: number, visibilityTimeoutSeconds: number): Message[];
  delete(receiptHandle: string): void;
  changeVisibility(receiptHandle: string, seconds: number): void;
  purge(): void;
  /** When the next message can be received: now or later; undefined if the queue is empty. */
  nextVisibleAtMs(): number | undefined;
  counts(): { visible: number; inFlight: number; delayed: number };
  /** Of the message that has been here longest; 0 if there is none. */
  oldestAgeMs(): number;
  /** Adds an already received message as it is (from a queue whose dead letters this queue holds). */
  adopt(message: Message): void;
  /** Calls back when there may be more to receive than before; the returned function ends that. */
  onChange(listener: () => void): () => void;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds: number;
  readonly sender: string;
}

interface QueueOptions {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly queueByArn: (arn: string) => Queue | undefined;
}

/** Where the messages of a queue are kept. */
export const keptMessages = (queue: string): string => `sqs.messages ${queue}`;

const messageId = (): string => randomUUID();

export const receiptHandle = ({ id, receiveCount }: Message): string =>
  Buffer.from(`${id}/${receiveCount}`).toString("base64");

function parseHandle(handle: string): { id: string; receiveCount: number } {
  const [id, count] = Buffer.from(handle, "base64").toString().split("/");
  if (id && count && /^\d+$/.test(count)) return { id, receiveCount: Number(count) };
  throw new AwsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

export function createQueue(localAws: LocalAws, { name, settings: given, queueByArn }: QueueOptions): Queue {
  /** One that was changed is set again, so that the change lasts. */
  const messages = localAws.store.map(keptMessages(name), asItIs<Message>());
  const listeners = new Set<() => void>();
  const now = (): number => localAws.clock.now();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  function dropExpired(): void {
    const oldestMs = now() - queue.settings.retentionSeconds * 1000;
    for (const { id, sentAtMs } of messages.values()) if (sentAtMs < oldestMs) messages.delete(id);
  }

  /** True if the message has been received too often and lives in the dead-letter queue now. */
  function movedToDeadLetters(message: Message): boolean {
    const { redrive } = queue.settings;
    if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false;
    messages.delete(message.id);
    queueByArn(redrive.deadLetterTargetArn)?.adopt({ ...message, receiveCount: 0, visibleAtMs: now() });
    return true;
  }

  const queue: Queue = {
    name,
    arn: localAws.arn("sqs", name),
    url: `${localAws.awsEndpoint}/${localAws.account}/${name}`,
    settings: given,
    createdAtMs: now(),
    policy: undefined,
    send({ body, attributes, delaySeconds, sender }) {
      const sentAtMs = now();
      const visibleAtMs = sentAtMs + delaySeconds * 1000;
      const digest = digestOfBody(body);
      const message = { id: messageId(), body, digest, attributes, sender, sentAtMs, visibleAtMs };
      const kept = { ...message, receiveCount: 0 };
      messages.set(kept.id, kept);
      changed();
      return kept;
    },
    take(max, visibilityTimeoutSeconds) {
      dropExpired();
      const taken: Message[] = [];
      for (const message of messages.values()) {
        if (taken.length >= max) break;
        if (message.visibleAtMs > now() || movedToDeadLetters(message)) continue;
        message.receiveCount += 1;
        message.firstReceivedAtMs ??= now();
        message.visibleAtMs = now() + visibilityTimeoutSeconds * 1000;
        messages.set(message.id, message);
        taken.push(message);
      }
      return taken;
    },
    delete(handle) {
      const { id, receiveCount } = parseHandle(handle);
      if (messages.get(id)?.receiveCount === receiveCount) messages.delete(id);
    },
    changeVisibility(handle, seconds) {
      const { id, receiveCount } = parseHandle(handle);
      const message = messages.get(id);
      if (!message || message.receiveCount !== receiveCount || message.visibleAtMs <= now()) {
        throw new AwsError(
          "InvalidParameterValueException",
          `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
        );
      }
      message.visibleAtMs = now() + seconds * 1000;
      messages.set(id, message);
      changed();
    },
    purge: () => messages.clear(),
    nextVisibleAtMs() {
      dropExpired();
      let next: number | undefined;
      for (const { visibleAtMs } of messages.values()) next = Math.min(next ?? visibleAtMs, visibleAtMs);
      return next;
    },
    counts() {
      dropExpired();
      const all = [...messages.values()];
      const hidden = all.filter(({ visibleAtMs }) => visibleAtMs > now());
      const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
      return { visible: all.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    oldestAgeMs() {
      dropExpired();
      const sent = [...messages.values()].map(({ sentAtMs }) => sentAtMs);
      return sent.length === 0 ? 0 : now() - Math.min(...sent);
    },
    adopt(message) {
      messages.set(message.id, message);
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return queue;
}
