/** How often a person may do something: counted in windows that begin with the first attempt. */
import * as z from "zod/mini";

export const rateSchema = z.object({ sinceMs: z.int(), count: z.int() });
export type Rate = z.infer<typeof rateSchema>;

export interface RateLimit {
  readonly attempts: number;
  readonly windowSeconds: number;
}

export type RateDecision =
  | { readonly allowed: true; readonly rate: Rate }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** One more attempt, if the window has room for it. */
export function attempt(rate: Rate | undefined, limit: RateLimit, nowMs: number): RateDecision {
  const windowMs = limit.windowSeconds * 1000;
  if (!rate || nowMs >= rate.sinceMs + windowMs) return { allowed: true, rate: { sinceMs: nowMs, count: 1 } };
  if (rate.count < limit.attempts) return { allowed: true, rate: { ...rate, count: rate.count + 1 } };
  return { allowed: false, retryAfterSeconds: Math.ceil((rate.sinceMs + windowMs - nowMs) / 1000) };
}
