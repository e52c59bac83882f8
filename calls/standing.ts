/**
 * What is stored about a person, one row for all their clients: what they did lately, and whether they may act.
 *
 * C1 Limits count persons. The write that counts an attempt is conditional on the count that was read, so that two requests
 *    at the same moment cannot both take the last attempt.
 * C2 While a refusal lasts, nothing is done for the person. The write that counts an attempt checks it once more.
 * C3 A row that names no client expires: each write puts off its end (`STANDING_KEPT_SECONDS`). A person without a row did
 *    nothing lately and has no client yet.
 * C4 A person has one client for all their phones, unless they ask for another. The row names their clients, the default one
 *    first, and does not expire while it names one. The transaction that makes or adopts a client adds it, and the one that
 *    deletes it removes it, each on condition that the row names what was read: two new phones at once make one client.
 */
import * as z from "zod/mini";
import { type ClientId, clientIdSchema } from "./ids.ts";
import { MAX_CLIENTS, OPERATOR_LIMIT_FACTOR } from "./limits.ts";
import { attempt, type Rate, type RateDecision, rateSchema } from "./rate.ts";

/** What is counted, with the length of each window. */
export const DEEDS = {
  calls: { windowSeconds: 60 },
  registrations: { windowSeconds: 3600 },
  deletions: { windowSeconds: 3600 },
} as const;
export type Deed = keyof typeof DEEDS;

/** Members that this version does not know are kept. */
export const standingSchema = z.looseObject({
  /** Begun, and added to. */
  calls: z.optional(rateSchema),
  /** Of push tokens that the client did not have. */
  registrations: z.optional(rateSchema),
  /** Requests, whatever their lists. */
  deletions: z.optional(rateSchema),
  /** An operator has signed the person out. Their access tokens are refused here until they have expired. */
  refusedUntilMs: z.optional(z.int()),
  /** The person's clients, the default one first; absent until one of them is made or adopted. */
  clientIds: z.optional(z.array(clientIdSchema)),
});
export type Standing = z.infer<typeof standingSchema>;

/** One more deed of a person, counted on from what was read. */
export interface Counted {
  readonly sub: string;
  readonly deed: Deed;
  readonly seen: Rate | undefined;
  readonly next: Rate;
  readonly atMs: number;
  /** The row names clients, so it has no end (C4). */
  readonly named?: boolean;
}

/** The row names other clients than were read. A row without the list names none. */
export interface Renaming {
  readonly sub: string;
  readonly seen: readonly ClientId[];
  readonly next: readonly ClientId[];
}

/** Adds these clients while there is room, and drops those that leave. Undefined if the row does not change. */
export function naming(
  sub: string,
  seen: readonly ClientId[],
  {
    joining,
    leaving = [],
  }: { readonly joining: readonly ClientId[]; readonly leaving?: readonly ClientId[] },
): Renaming | undefined {
  const kept = seen.filter((clientId) => !leaving.includes(clientId));
  const all = [...new Set([...kept, ...joining])];
  const next = all.slice(0, Math.max(MAX_CLIENTS, kept.length));
  return String(next) === String(seen) ? undefined : { sub, seen, next };
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
