/** One invocation: the handler with its context, bounded by its timeout, as an actor of the clock. */
import { randomUUID } from "node:crypto";
import type { Json } from "../local-aws.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { runningFunction } from "./running-function.ts";

export interface Outcome {
  readonly requestId: string;
  readonly payload: Json;
  readonly failed: boolean;
}

const SYNC_LIMIT_BYTES = 6 * 1024 * 1024;

export const newRequestId = (): string => randomUUID();

export async function runHandler(fn: LambdaFunction, event: Json, requestId: string): Promise<Outcome> {
  const { localAws } = fn.running;
  const started = performance.now();
  fn.concurrent += 1;
  try {
    const outcome = await localAws.clock.actor(() =>
      runningFunction.run(fn.running, () => attempt(fn, event, requestId)),
    );
    // Lambda bills started milliseconds of real work; virtual time does not change how long the code takes.
    const durationMs = Math.ceil(performance.now() - started);
    localAws.meter("lambda:request", 1);
    localAws.meter("lambda:gb-second", (fn.memoryMb / 1024) * (durationMs / 1000));
    const error = outcome.failed ? { error: (outcome.payload as { errorType: string }).errorType } : {};
    localAws.emit({ kind: "invocation", functionName: fn.name, durationMs, ...error });
    return outcome;
  } finally {
    fn.concurrent -= 1;
  }
}

async function attempt(fn: LambdaFunction, event: Json, requestId: string): Promise<Outcome> {
  const { clock } = fn.running.localAws;
  const endMs = clock.now() + fn.timeoutSeconds * 1000;
  let stopTimer = (): void => undefined;
  const timedOut = new Promise<Outcome>((resolve) => {
    stopTimer = clock.after(fn.timeoutSeconds * 1000, () => {
      fn.isSpoiled = true;
      resolve(timeout(fn, requestId));
    });
  });
  const handled = (async () => {
    try {
      const handler = await fn.handler();
      const result = await handler(
        event,
        contextOf(fn, requestId, () => endMs - clock.now()),
      );
      return answered(requestId, result);
    } catch (error) {
      return { requestId, payload: errorPayload(error), failed: true };
    }
  })();
  try {
    return await Promise.race([handled, timedOut]);
  } finally {
    stopTimer();
  }
}

function answered(requestId: string, result: unknown): Outcome {
  const text = JSON.stringify(result ?? null) ?? "null";
  const bytes = Buffer.byteLength(text);
  if (bytes <= SYNC_LIMIT_BYTES) return { requestId, payload: JSON.parse(text) as Json, failed: false };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${SYNC_LIMIT_BYTES} bytes).`;
  return { requestId, payload: { errorType: "Function.ResponseSizeTooLarge", errorMessage }, failed: true };
}

function timeout(fn: LambdaFunction, requestId: string): Outcome {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`;
  return { requestId, payload: { errorType: "Sandbox.Timedout", errorMessage }, failed: true };
}

function errorPayload(error: unknown): Json {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

function contextOf(fn: LambdaFunction, awsRequestId: string, getRemainingTimeInMillis: () => number) {
  return {
    awsRequestId,
    functionName: fn.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: fn.arn,
    memoryLimitInMB: String(fn.memoryMb),
    logGroupName: fn.logGroup,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis,
  };
}
