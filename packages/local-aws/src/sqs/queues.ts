/** The queues of the account, and how a request names one. */
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import { createQueue, keptMessages, type Queue, type QueueSettings } from "./queue.ts";

export interface Queues {
  /** One that is there gets these settings and keeps what it holds. */
  add(name: string, settings: QueueSettings): Queue;
  /** With its messages. */
  remove(name: string): void;
  all(): Queue[];
  byName(name: string): Queue;
  byArn(arn: string): Queue | undefined;
  /** The queue of a request: the last part of its URL is the name. */
  of(input: Shape): Queue;
}

export const queueNameOf = (urlOrArn: string): string => urlOrArn.split(/[:/]/).at(-1) ?? "";

export function createQueues(localAws: LocalAws): Queues {
  const queues = new Map<string, Queue>();
  const byArn = (arn: string): Queue | undefined => queues.get(queueNameOf(arn));
  function byName(name: string): Queue {
    const queue = queues.get(name);
    if (!queue) throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }
  return {
    add(name, settings) {
      const existing = queues.get(name);
      if (existing) return Object.assign(existing, { settings });
      const queue = createQueue(localAws, { name, settings, queueByArn: byArn });
      queues.set(name, queue);
      return queue;
    },
    remove(name) {
      queues.delete(name);
      localAws.store.forget(keptMessages(name));
    },
    all: () => [...queues.values()],
    byName,
    byArn,
    of: ({ QueueUrl: url }) => byName(queueNameOf(url as string)),
  };
}
