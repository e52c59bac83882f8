/** The two kinds of task in a call's workflow: run a function, wait for a change. */
import type { Awaited } from "../calls/call.ts";
import { MAX_WAIT_SECONDS } from "../calls/limits.ts";
import type { WaitError } from "../calls/wake.ts";
import { CALL_ROW } from "../handlers/store/tables.ts";

export type State = Readonly<Record<string, unknown>>;
/** A JSONata expression. Keep it on one line: `{% … %}` with inner spaces. */
export const jsonata = (expression: string): string => `{% ${expression} %}`;

export const LAMBDA_HICCUPS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];
/** Only these: a wait retried after a timeout would ring again. */
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
  readonly payload?: State | string;
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

interface WaitTask {
  readonly comment: string;
  readonly hopesFor: Awaited;
  /** Where it leads if that happens. */
  readonly woken: string;
  /** What else may happen to the call (calls/wake.ts), and where each leads. */
  readonly errors: readonly { readonly of: readonly WaitError[]; readonly next: string }[];
  /** A deadline has passed, or an hour. */
  readonly timeOver: string;
  /** The call has moved past what the workflow has acted on (W3). */
  readonly lookAgain: string;
  readonly otherwise: string;
}

/** Waits until something happens to the call that the workflow has not acted on (W3, W5, W6). */
export function waitForChange(wait: WaitTask): State {
  const secondsLeft = "$ceil(($call.dueAtMs - $millis()) / 1000)";
  return {
    Type: "Task",
    Comment: wait.comment,
    Resource: "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
    Arguments: {
      TableName: "${CallsTable}",
      Key: { pk: { S: jsonata("$callId") }, sk: { S: CALL_ROW } },
      UpdateExpression: "SET taskToken = :token, waitTurn = :turn, waitsFor = :hope, sweepAtMs = deadlineMs",
      ConditionExpression: "turn = :turn",
      ExpressionAttributeValues: {
        ":token": { S: jsonata("$states.context.Task.Token") },
        ":turn": { N: jsonata("$string($call.turn)") },
        ":hope": { S: wait.hopesFor },
      },
      ReturnValues: "NONE",
    },
    TimeoutSeconds: jsonata(`$min([${MAX_WAIT_SECONDS}, $max([1, ${secondsLeft}])])`),
    Retry: [retry(DYNAMODB_HICCUPS)],
    Catch: [
      ...wait.errors.map(({ of, next }) => ({
        ErrorEquals: of,
        Assign: { call: jsonata("$parse($states.errorOutput.Cause)") },
        Next: next,
      })),
      ...(wait.timeOver === wait.lookAgain
        ? [{ ErrorEquals: [TIME_OVER, MOVED_BEFORE], Next: wait.lookAgain }]
        : [
            { ErrorEquals: [TIME_OVER], Next: wait.timeOver },
            { ErrorEquals: [MOVED_BEFORE], Next: wait.lookAgain },
          ]),
      { ErrorEquals: ["States.ALL"], Next: wait.otherwise },
    ],
    Assign: { call: jsonata("$states.result") },
    Output: { callId: jsonata("$callId") },
    Next: wait.woken,
  };
}

const TIME_OVER = "States.Timeout";
const MOVED_BEFORE = "DynamoDb.ConditionalCheckFailedException";
