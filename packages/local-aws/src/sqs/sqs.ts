/** Local SQS: standard queues in memory. */
import {
  AwsError,
  type AwsCall,
  type LocalAws,
  type Operation,
  type Service,
  type Shape,
} from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import type { ResourceTypes } from "../resource.ts";
import { batch } from "./batch.ts";
import { eventSourceMapping, mappingStarts } from "./event-source-mapping.ts";
import { getQueueAttributes } from "./queue-attributes.ts";
import { queueResources } from "./queue-resource.ts";
import type { Queue } from "./queue.ts";
import { createQueues, queueNameOf } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage, sendMessageBatch } from "./send-message.ts";

type OnQueue = (queue: Queue, input: Shape, call: AwsCall) => Shape | Promise<Shape>;

interface Gauge {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Sqs {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** What CloudWatch measures of each queue at this moment. */
  gauges(): Gauge[];
  /** Starts the event source mappings of a service that was created with `waits`. */
  start(): void;
}

/** With `waits`, kept messages go to functions only once the whole template stands. */
export function createSqs(localAws: LocalAws, { waits = false } = {}): Sqs {
  const queues = createQueues(localAws);
  const mappings = mappingStarts(waits);

  const asked = (action: string, name: string): { action: string; resource: string }[] => [
    { action: `sqs:${action}`, resource: name === "*" ? "*" : localAws.arn("sqs", name) },
  ];
  /** An operation on the queue in QueueUrl, allowed by `action`. */
  const onQueue = (action: string, run: OnQueue): Operation => ({
    permissions: ({ QueueUrl: url }) => asked(action, queueNameOf(url as string)),
    run(input, call) {
      localAws.meter("sqs:request", 1);
      return run(queues.of(input), input, call);
    },
  });

  const operations: Record<string, Operation> = {
    SendMessage: onQueue("SendMessage", sendMessage),
    SendMessageBatch: onQueue("SendMessage", sendMessageBatch),
    ReceiveMessage: {
      ...onQueue("ReceiveMessage", (queue, input) => receiveMessage(queue, input, localAws.clock)),
      waits: true,
    },
    DeleteMessage: onQueue("DeleteMessage", deleteMessage),
    DeleteMessageBatch: onQueue("DeleteMessage", (queue, input) =>
      batch("DeleteMessageBatch", input, (entry) => deleteMessage(queue, entry)),
    ),
    ChangeMessageVisibility: onQueue("ChangeMessageVisibility", changeMessageVisibility),
    ChangeMessageVisibilityBatch: onQueue("ChangeMessageVisibility", (queue, input) =>
      batch("ChangeMessageVisibilityBatch", input, (entry) => changeMessageVisibility(queue, entry)),
    ),
    GetQueueAttributes: onQueue("GetQueueAttributes", getQueueAttributes),
    PurgeQueue: onQueue("PurgeQueue", (queue) => {
      queue.purge();
      return {};
    }),
    GetQueueUrl: {
      permissions: ({ QueueName: name }) => asked("GetQueueUrl", name as string),
      run: ({ QueueName: name }) => ({ QueueUrl: queues.byName(name as string).url }),
    },
    ListQueues: {
      permissions: () => asked("ListQueues", "*"),
      run: (input) => listQueues(queues.all(), input),
    },
  };

  return {
    service: { name: "sqs", operations },
    resources: {
      ...queueResources(queues),
      "AWS::Lambda::EventSourceMapping": eventSourceMapping(localAws, queues, mappings),
    },
    gauges: () => queues.all().flatMap(gaugesOf),
    start: () => mappings.start(),
  };
}

function gaugesOf(queue: Queue): Gauge[] {
  const gauge = (name: string, value: number): Gauge => ({
    namespace: "AWS/SQS",
    name,
    dimensions: { QueueName: queue.name },
    value,
  });
  return [
    gauge("ApproximateNumberOfMessagesVisible", queue.counts().visible),
    gauge("ApproximateAgeOfOldestMessage", queue.oldestAgeMs() / 1000),
  ];
}

/** Without MaxResults AWS cuts the list at 1,000 and gives no token. */
function listQueues(queues: readonly Queue[], input: Shape): Shape {
  const { QueueNamePrefix: prefix = "", MaxResults: limit, NextToken: token } = input;
  const refuse = (message: string) => new AwsError("InvalidParameterValueException", message);
  const named = queues.filter(({ name }) => name.startsWith(prefix as string));
  const { items, next } = listPage(named, { member: "MaxResults", limit, most: 1_000, token, refuse });
  return {
    QueueUrls: items.map(({ url }) => url),
    ...(next && limit !== undefined ? { NextToken: next } : {}),
  };
}

function deleteMessage(queue: Queue, { ReceiptHandle: handle }: Shape): Shape {
  queue.delete(handle as string);
  return {};
}

function changeMessageVisibility(queue: Queue, input: Shape): Shape {
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input as {
    ReceiptHandle: string;
    VisibilityTimeout: number;
  };
  if (!(seconds >= 0 && seconds <= 43_200)) {
    throw new AwsError(
      "InvalidParameterValueException",
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`,
    );
  }
  queue.changeVisibility(handle, seconds);
  return {};
}
