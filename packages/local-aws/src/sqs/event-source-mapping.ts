/**
 * AWS::Lambda::EventSourceMapping for SQS: hands messages to a function in batches and deletes what it has handled.
 *
 * M1 The queue is read and messages are deleted as the function's role, which needs the permissions for it.
 * M2 After an error, or for the ids in `batchItemFailures`, messages stay and come back after the visibility timeout.
 * M3 Instead of polling, the mapping waits for the queue to change, so that an idle queue costs no turns of the clock.
 */
import { randomUUID } from "node:crypto";
import { AwsError, type Caller, type LocalAws, PERSON, type Shape } from "../local-aws.ts";
import type { ResourceRequest, ResourceType } from "../resource.ts";
import type { Queue } from "./queue.ts";
import type { Queues } from "./queues.ts";

const RECEIVE_MAX = 10;
const BATCH_MAX = 10_000;
/** Lambda begins with five pollers; it would add more under load. */
const CONCURRENT_BATCHES = 5;

interface Mapping {
  readonly queue: Queue;
  readonly functionName: string;
  readonly caller: Caller;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly concurrency: number;
  readonly reportsFailures: boolean;
}

const mappingId = (): string => randomUUID();

/** When mappings begin: at once, or all together. */
export interface MappingStarts {
  add(begin: () => void): void;
  start(): void;
}

export function mappingStarts(waits: boolean): MappingStarts {
  let waiting: (() => void)[] | undefined = waits ? [] : undefined;
  return {
    add: (begin) => void (waiting ? waiting.push(begin) : begin()),
    start() {
      const all = waiting ?? [];
      waiting = undefined;
      for (const begin of all) begin();
    },
  };
}

export function eventSourceMapping(localAws: LocalAws, queues: Queues, starts: MappingStarts): ResourceType {
  /** What ends each mapping, by its id. */
  const running = new Map<string, () => void>();
  return {
    honoured: [
      "EventSourceArn",
      "FunctionName",
      "BatchSize",
      "MaximumBatchingWindowInSeconds",
      "FunctionResponseTypes",
      "ScalingConfig",
      "Enabled",
    ],
    ignored: ["Tags", "MetricsConfig"],
    renewedBy: ["EventSourceArn"],
    remove(id) {
      running.get(id)?.();
      running.delete(id);
    },
    async create({ properties, before }: ResourceRequest) {
      const mapping = await mappingOf(localAws, queues, properties);
      const id = before && running.has(before.ref) ? before.ref : mappingId();
      running.get(id)?.();
      running.set(id, () => undefined);
      if (properties["Enabled"] !== false)
        starts.add(() => void running.set(id, startMapping(localAws, mapping)));
      const arn = localAws.arn("lambda", `event-source-mapping:${id}`);
      return { ref: id, attributes: { Id: id, EventSourceMappingArn: arn } };
    },
  };
}

async function mappingOf(localAws: LocalAws, queues: Queues, properties: Shape): Promise<Mapping> {
  const source = properties["EventSourceArn"] as string;
  const queue = queues.byArn(source);
  if (!queue) throw new Error(`event source ${source} is not an SQS queue of this stack`);
  const functionName = properties["FunctionName"] as string;
  const configuration = await localAws.call({
    service: "lambda",
    operation: "GetFunctionConfiguration",
    input: { FunctionName: functionName },
    caller: PERSON,
  });
  refuseShortVisibility(queue, Number(configuration["Timeout"] ?? 3));
  const caller: Caller = { kind: "role", arn: configuration["Role"] as string };
  await localAws.call({
    service: "sqs",
    operation: "GetQueueAttributes",
    input: { QueueUrl: queue.url, AttributeNames: ["QueueArn"] },
    caller,
  });
  return {
    queue,
    functionName,
    caller,
    ...pollingOf(properties),
    reportsFailures: ((properties["FunctionResponseTypes"] ?? []) as string[]).includes(
      "ReportBatchItemFailures",
    ),
  };
}

function pollingOf(properties: Shape): Pick<Mapping, "batchSize" | "windowMs" | "concurrency"> {
  const batchSize = Number(properties["BatchSize"] ?? RECEIVE_MAX);
  const windowSeconds = Number(properties["MaximumBatchingWindowInSeconds"] ?? 0);
  const scaling = properties["ScalingConfig"] as { MaximumConcurrency?: number } | undefined;
  const { MaximumConcurrency: most } = scaling ?? {};
  const refuse = (message: string) => new AwsError("InvalidParameterValueException", message);
  if (batchSize < 1 || batchSize > BATCH_MAX) {
    throw refuse(`BatchSize ${batchSize} must be between 1 and ${BATCH_MAX} for a standard queue.`);
  }
  if (batchSize > RECEIVE_MAX && windowSeconds < 1) {
    throw refuse(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  }
  if (most !== undefined && (most < 2 || most > 1_000)) {
    throw refuse(`MaximumConcurrency ${most} must be between 2 and 1000.`);
  }
  const concurrency = Math.min(most ?? CONCURRENT_BATCHES, CONCURRENT_BATCHES);
  return { batchSize, windowMs: windowSeconds * 1000, concurrency };
}

function refuseShortVisibility({ settings }: Queue, timeoutSeconds: number): void {
  if (settings.visibilityTimeoutSeconds >= timeoutSeconds) return;
  throw new AwsError(
    "InvalidParameterValueException",
    `Queue visibility timeout: ${settings.visibilityTimeoutSeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
  );
}

/** The returned function ends it: batches that have begun go on. */
function startMapping(localAws: LocalAws, mapping: Mapping): () => void {
  const { clock } = localAws;
  const { queue, windowMs, concurrency } = mapping;
  let running = 0;
  let isOver = false;
  let gatheringUntilMs: number | undefined;
  let cancel: (() => void) | undefined;

  function pump(): void {
    cancel?.();
    const nextMs = queue.nextVisibleAtMs();
    if (nextMs === undefined || running >= concurrency || isOver) return;
    if (nextMs <= clock.now()) gatheringUntilMs ??= clock.now() + windowMs;
    const dueMs = gatheringUntilMs ?? nextMs;
    if (dueMs > clock.now() && queue.counts().visible < mapping.batchSize) {
      cancel = clock.after(dueMs - clock.now(), pump);
      return;
    }
    gatheringUntilMs = undefined;
    running += 1;
    void runBatch(localAws, mapping, pump).finally(() => {
      running -= 1;
      pump();
    });
  }

  const stopListening = queue.onChange(pump);
  pump();
  return () => {
    isOver = true;
    stopListening();
    cancel?.();
  };
}

/** `received` is called once the messages are taken, so that the next batch can start beside this one. */
async function runBatch(localAws: LocalAws, mapping: Mapping, received: () => void): Promise<void> {
  const { caller, queue } = mapping;
  const messages = await receive(localAws, mapping);
  received();
  if (messages.length === 0) return;
  const handled = await handledBy(localAws, mapping, messages);
  for (let from = 0; from < handled.length; from += RECEIVE_MAX) {
    const Entries = handled
      .slice(from, from + RECEIVE_MAX)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await localAws.call({
      service: "sqs",
      operation: "DeleteMessageBatch",
      input: { QueueUrl: queue.url, Entries },
      caller,
    });
  }
}

async function receive(localAws: LocalAws, { caller, queue, batchSize }: Mapping): Promise<Shape[]> {
  const messages: Shape[] = [];
  while (messages.length < batchSize) {
    const MaxNumberOfMessages = Math.min(RECEIVE_MAX, batchSize - messages.length);
    const names = { MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] };
    const input = { QueueUrl: queue.url, MaxNumberOfMessages, WaitTimeSeconds: 0, ...names };
    const reply = await localAws.call({ service: "sqs", operation: "ReceiveMessage", input, caller });
    const page = (reply["Messages"] ?? []) as Shape[];
    messages.push(...page);
    if (page.length < MaxNumberOfMessages) break;
  }
  return messages;
}

/** Those messages that the function has handled. */
async function handledBy(localAws: LocalAws, mapping: Mapping, messages: readonly Shape[]): Promise<Shape[]> {
  const { functionName, queue, reportsFailures } = mapping;
  const Payload = { Records: messages.map((message) => recordOf(localAws, queue, message)) };
  const input = { FunctionName: functionName, InvocationType: "RequestResponse", Payload };
  try {
    const reply = await localAws.call({ service: "lambda", operation: "Invoke", input, caller: PERSON });
    if (reply["FunctionError"]) return [];
    return reportsFailures ? withoutFailures(reply["Payload"], messages) : [...messages];
  } catch (error) {
    if (error instanceof AwsError) return []; // throttled: the messages come back
    throw error;
  }
}

/** An answer that cannot be understood, or that names an id not sent, means that nothing was handled. */
function withoutFailures(payload: unknown, messages: readonly Shape[]): Shape[] {
  const failures = (payload as { batchItemFailures?: { itemIdentifier?: string }[] } | null)
    ?.batchItemFailures;
  if (failures === undefined || failures === null) return [...messages];
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId as string));
  if ([...failed].some((id) => id === undefined || !known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId as string));
}

function recordOf(localAws: LocalAws, queue: Queue, message: Shape): Shape {
  const own = Object.entries((message["MessageAttributes"] ?? {}) as Record<string, Shape>);
  return {
    messageId: message["MessageId"],
    receiptHandle: message["ReceiptHandle"],
    body: message["Body"],
    attributes: message["Attributes"],
    messageAttributes: Object.fromEntries(
      own.map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue },
      ]),
    ),
    md5OfBody: message["MD5OfBody"],
    eventSource: "aws:sqs",
    eventSourceARN: queue.arn,
    awsRegion: localAws.region,
  };
}
