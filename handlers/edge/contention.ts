/**
 * Requests that lose against others, which write the same items at that moment. Nothing was written, or what was written is found by
 * the next attempt, so the request itself goes on for three seconds, with a random pause before each attempt. Then the caller is
 * asked to try again. That is an answer to many at once and no fault of ours: the alarm for failing requests leaves it out.
 */
import { MAX_CONTENTION_MS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import { type Edge, logger } from "./handler.ts";

/** Others were faster each time. Outside of requests it is a failure like any other, which is repeated from outside. */
export class Contention extends Error {}

/** A single write that meets a transaction, after the SDK's own repeats; or a refusal to try again that has no other cause. */
function isContention(error: unknown): error is Error {
  if (error instanceof Problem) return error.code === "try_again" && error.cause === undefined;
  return (
    error instanceof Contention || (error instanceof Error && error.name === "TransactionConflictException")
  );
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

export async function persist<T>(edge: Edge, attempt: () => Promise<T>): Promise<T> {
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

/** Never nothing: those who met would meet again. */
const jitter = ({ random }: Edge): number => (1 + (random(1)[0] ?? 0)) / 256;

const refusal = (cause: Error): Problem =>
  new Problem("try_again", "others are changing the same at this moment", {
    retryAfterSeconds: 1,
    contended: true,
    cause,
  });
