/** What every function does around its work: parse the input, name the call in the log, flush the metrics. */
import { randomBytes } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type * as z from "zod/mini";
import { runCausedBy } from "./cause.ts";
import type { MetricName } from "./metric-name.ts";

/** Time and randomness: read from the runtime here, and passed on as values. */
export interface RuntimeInputs {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Waits between attempts; the caller bounds them. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

export const edge: RuntimeInputs = {
  now: () => Date.now(),
  random: (bytes) => randomBytes(bytes),
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Waits that long for `work`; then it rejects and aborts `work` by the signal. */
export async function withDeadline<T>(
  milliseconds: number,
  work: (expired: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${milliseconds} ms`);
    controller.abort(error);
    reject(error);
  }, milliseconds);
  // The timer only guards the work: the process need not stay alive for it.
  timer.unref();
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}

export const logger = new Logger();
export const metrics = new Metrics();

/** Counts something in CloudWatch's embedded metric format. */
export function count(metric: MetricName, amount = 1): void {
  metrics.addMetric(metric, MetricUnit.Count, amount);
}

/** Measures a duration from `sinceMs` until now. */
export function measure(metric: MetricName, sinceMs: number): void {
  metrics.addMetric(metric, MetricUnit.Milliseconds, edge.now() - sinceMs);
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Reports a present amount. */
export function gauge(metric: MetricName, amount: number): void {
  metrics.addMetric(metric, MetricUnit.Count, amount);
}

/**
 * A function whose input must match `schema`: any other input is refused before any work. The run goes by Lambda's
 * request id, unless `requestIdOf` finds the id that the caller knows.
 */
export function defineHandler<Input, Output>(
  schema: z.ZodMiniType<Input>,
  run: (input: Input) => Promise<Output>,
  requestIdOf?: (input: Input) => string,
): (event: unknown, context: Context) => Promise<Output> {
  return async (event, context) => {
    logger.addContext(context);
    try {
      const input = schema.parse(event);
      const requestId = requestIdOf?.(input) ?? context.awsRequestId;
      logger.appendKeys({ requestId });
      return await runCausedBy(requestId, () => run(input));
    } catch (error) {
      logger.error("failed", error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      logger.resetKeys();
      // Without metrics it would print a warning.
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
}
