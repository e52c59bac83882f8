/** The three kinds of task that a call's workflow is made of: run a function, publish events, wait for a change. */
import { EVENT_SOURCE } from "../events/event.ts";
import { LegUpdated } from "../events/legs.ts";
import { MAX_WAIT_SECONDS } from "../calls/limits.ts";

export type State = Readonly<Record<string, unknown>>;
/** A JSONata expression. Keep it on one line: `{% … %}` with inner spaces. */
export const jsonata = (expression: string): string => `{% ${expression} %}`;

export const LAMBDA_HICCUPS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];
/** Only these: a wait that is retried after a timeout would ring again. */
const DYNAMODB_HICCUPS = [
  "DynamoDb.InternalServerErrorException",
  "DynamoDb.ProvisionedThroughputExceededException",
  "DynamoDb.RequestLimitExceededException",
  "DynamoDb.ThrottlingException",
  "DynamoDb.TransactionConflictException",
];
export const retry = (errors: readonly string[]): State => ({
  ErrorEquals: errors,
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  MaxDelaySeconds: 8,
  JitterStrategy: "FULL",
});

interface FunctionTask {
  /** Name of the substitution that holds the function's ARN. */
  readonly run: string;
  readonly comment: string;
  readonly payload?: State;
  readonly timeoutSeconds: number;
  /** May a failed run be repeated? False where a repeat would reach a phone twice. */
  readonly repeatable: boolean;
  /** Variables; by default `$call` is the view that the function replies with. */
  readonly assign?: State;
  readonly next: string;
  readonly otherwise: State;
}

/** Runs a function with the call's id; its reply is a view of the call. */
export function invoke(task: FunctionTask): State {
  const assign = task.assign ?? { call: jsonata("$states.result.Payload") };
  return {
    Type: "Task",
    Comment: task.comment,
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: `\${${task.run}}`, Payload: task.payload ?? { callId: jsonata("$callId") } },
    TimeoutSeconds: task.timeoutSeconds,
    Retry: [retry(task.repeatable ? [...LAMBDA_HICCUPS, "States.TaskFailed"] : LAMBDA_HICCUPS)],
    Catch: [{ ErrorEquals: ["States.ALL"], ...task.otherwise }],
    ...(Object.keys(assign).length > 0 && { Assign: assign }),
    Output: { callId: jsonata("$states.result.Payload.snapshot.callId") },
    Next: task.next,
  };
}

interface PublishTask {
  readonly comment: string;
  /** The event about the whole call; each leg's LegUpdated goes with it. */
  readonly event?: string;
  readonly output?: State;
  readonly next?: string;
  readonly otherwise: string;
}

/** Publishes what the workflow has followed (W7). */
export function publish({ comment, event, output, next, otherwise }: PublishTask): State {
  const entry = (name: string, detail: string): string =>
    `{ 'EventBusName': '\${Bus}', 'Source': '${EVENT_SOURCE}', 'DetailType': '${name}', 'Detail': ${detail} }`;
  const legs = `$call.legs.${entry(LegUpdated.name, "$")}`;
  return {
    Type: "Task",
    Comment: comment,
    Resource: "arn:aws:states:::events:putEvents",
    Arguments: {
      Entries: jsonata(event ? `$append([${entry(event, "$call.snapshot")}], ${legs})` : `[${legs}]`),
    },
    TimeoutSeconds: 10,
    Retry: [retry(["States.TaskFailed"])],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: otherwise }],
    Output: output ?? { callId: jsonata("$callId") },
    ...(next ? { Next: next } : { End: true }),
  };
}

interface WaitTask {
  readonly comment: string;
  readonly woken: string;
  readonly lookAgain: string;
  readonly otherwise: string;
}

/** Waits until something happens to the call that the workflow has not acted on (W3, W5, W6). */
export function waitForChange({ comment, woken, lookAgain, otherwise }: WaitTask): State {
  const secondsLeft = "$ceil(($call.dueAtMs - $millis()) / 1000)";
  return {
    Type: "Task",
    Comment: comment,
    Resource: "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
    Arguments: {
      TableName: "${CallsTable}",
      Key: { pk: { S: jsonata("$callId") }, sk: { S: "call" } },
      UpdateExpression: "SET taskToken = :token, waitTurn = :turn, sweepAtMs = deadlineMs",
      ConditionExpression: "turn = :turn",
      ExpressionAttributeValues: {
        ":token": { S: jsonata("$states.context.Task.Token") },
        ":turn": { N: jsonata("$string($call.turn)") },
      },
      ReturnValues: "NONE",
    },
    TimeoutSeconds: jsonata(`$min([${MAX_WAIT_SECONDS}, $max([1, ${secondsLeft}])])`),
    Retry: [retry(DYNAMODB_HICCUPS)],
    Catch: [
      { ErrorEquals: ["States.Timeout", "DynamoDb.ConditionalCheckFailedException"], Next: lookAgain },
      { ErrorEquals: ["States.ALL"], Next: otherwise },
    ],
    Assign: { call: jsonata("$states.result") },
    Output: { callId: jsonata("$callId") },
    Next: woken,
  };
}
