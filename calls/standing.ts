/**
 * What is kept of a person, one row each, whatever number of clients they have: what they did lately, and whether they may act.
 *
 * R1 Limits count persons. An attempt is counted in a write on condition that the count is the one that was read, so that
 *    two requests at the same moment cannot both take the last attempt.
 * R2 While a refusal lasts, nothing is done in the person's name. The write that counts an attempt checks it once more.
 * R3 The row is written often and lasts no longer than it says something: each write puts off its end (`STANDING_KEPT_SECONDS`).
 *    A row that is gone is a person who did nothing lately.
 */
import * as z from "zod";
import { OPERATOR_LIMIT_FACTOR } from "./limits.ts";
import { attempt, type Rate, type RateDecision, rateSchema } from "./rate.ts";

/** What is counted, and in windows of which length. */
export const DEEDS = {
  calls: { windowSeconds: 60 },
  registrations: { windowSeconds: 3600 },
  deletions: { windowSeconds: 3600 },
} as const;
export type Deed = keyof typeof DEEDS;

/** Members that this version does not know are kept. */
export const standingSchema = z.looseObject({
  /** Begun, and added to. */
  calls: rateSchema.optional(),
  /** Of push tokens that the client did not have. */
  registrations: rateSchema.optional(),
  /** Requests, whatever their lists. */
  deletions: rateSchema.optional(),
  /** An operator has signed the person out: their access tokens work until they expire, and are refused so long. */
  refusedUntilMs: z.number().int().optional(),
});
export type Standing = z.infer<typeof standingSchema>;

/** One more deed of a person, counted on from what was read. */
export interface Counted {
  readonly sub: string;
  readonly deed: Deed;
  readonly seen: Rate | undefined;
  readonly next: Rate;
  readonly atMs: number;
}

export const isRefused = ({ refusedUntilMs = 0 }: Standing, nowMs: number): boolean => nowMs < refusedUntilMs;

/** How many of these deeds a person may do in its window. */
export type Limits = Readonly<Record<Deed, number>>;

export const limitOf = (limits: Limits, deed: Deed, { operator }: { readonly operator: boolean }): number =>
  limits[deed] * (operator ? OPERATOR_LIMIT_FACTOR : 1);

/** One more of these, if the limit allows it. */
export function oneMore(standing: Standing, deed: Deed, attempts: number, nowMs: number): RateDecision {
  return attempt(standing[deed], { attempts, ...DEEDS[deed] }, nowMs);
}
