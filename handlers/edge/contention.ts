/**
 * Requests that lose to others that write the same items at that moment. Nothing was written, or the next attempt finds what was
 * written, so the request retries for three seconds, with a random pause before each attempt. Then the caller is asked to try
 * again. That reply is no failure: the alarm for failing requests leaves it out.
 */
import { MAX_CONTENTION_MS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import { type RuntimeInputs, logger } from "./handler.ts";

/** Another write came first each time. Outside of requests it is an ordinary failure, and the invoker retries. */
export class Contention extends Error {}

/** A single write that met a transaction, after the SDK's own retries; or a `try_again` without another cause. */
function isContention(error: unknown): error is Error {
  if (error instanceof Problem) return error.code === "try_again" && error.cause === undefined;
  return (
    error instanceof Contention || (error instanceof Error && error.name === "TransactionConflictException")
  );
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

export async function persist<T>(edge: RuntimeInputs, attempt: () => Promise<T>): Promise<T> {
  const untilMs = edge.now() + MAX_CONTENTION_MS;
  for (let losses = 0; ; losses += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isContention(error)) throw error;
      const pauseMs = jitter(edge) * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** losses);
      if (edge.now() + pauseMs > untilMs) throw refusal(error);
      logger.debug("lost to others", { losses, reason: error.message });
      await edge.pause(pauseMs);
    }
  }
}

/** Never zero: the same requests would collide again. */
const jitter = ({ random }: RuntimeInputs): number => (1 + (random(1)[0] ?? 0)) / 256;

const refusal = (cause: Error): Problem =>
  new Problem("try_again", "others are changing the same at this moment", {
    retryAfterSeconds: 1,
    contended: true,
    cause,
  });
