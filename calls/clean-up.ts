/**
 * Deleting clients: what an operation is, which of its clients may go, and what it reports.
 *
 * D1 An operation speaks of clients as they were when it was asked for: a client that registers again later stays.
 * D2 A person deletes their own clients only; operators and the nightly clean-up delete any.
 * D3 One client that cannot be deleted is reported with its reason and keeps no other from going.
 */
import * as z from "zod/mini";
import type { Client } from "./client.ts";
import { MAX_REPORTED_FAILURES, SEEN_SHARDS } from "./limits.ts";

/** The name of the execution too: what Step Functions takes there. */
export const operationIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,80}$/, "expected an operation id"))
  .brand<"OperationId">();
export type OperationId = z.infer<typeof operationIdSchema>;

/** As a request names it: of ids that we make, which are hex, case makes no other; an operator's own name is kept. */
export const namedOperationSchema = operationIdSchema.check(
  z.overwrite((id) => (/^[0-9a-f-]{32,36}$/i.test(id) ? (id.toLowerCase() as OperationId) : id)),
);

const epochMs = z.int();
const amount = z.int().check(z.nonnegative());

/** What was asked for, and by whom. */
export const operationSchema = z.object({
  operationId: operationIdSchema,
  /** Whose clients may be deleted; absent: anybody's. */
  owner: z.optional(z.string()),
  /** Who may ask how it goes, beside operators. */
  askedBy: z.optional(z.string()),
  askedAtMs: epochMs,
  /** The list in the bucket: JSON Lines, an item of client-list.ts on each. */
  key: z.string(),
  /** Tells two requests under one Idempotency-Key apart. */
  digest: z.optional(z.string()),
  /** Only clients not seen since then. */
  staleBeforeMs: z.optional(epochMs),
  /** How many lines the list has, where that is known: an empty one need not be read. */
  listed: z.optional(amount),
  /** Nothing is deleted; the report says what would be. */
  dryRun: z.boolean(),
});
export type Operation = z.infer<typeof operationSchema>;

export const FAILURE_REASONS = [
  "not_your_client",
  "registered_again",
  "seen_again",
  "invalid_id",
  "try_again",
  "not_processed",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

export const failureSchema = z.object({
  clientId: z.string().check(z.describe("Or the beginning of a line that names no client")),
  line: z
    .optional(z.int().check(z.positive()))
    .check(z.describe("Of a line that names no client: its number in the list")),
  reason: z.enum(FAILURE_REASONS),
});
export type Failure = z.infer<typeof failureSchema>;

/** What became of one batch, or of all of them. */
export const talliesSchema = z.object({
  deleted: amount,
  alreadyGone: amount,
  callsEnded: amount,
  failed: amount,
});
export type Tallies = z.infer<typeof talliesSchema>;

/** Days that the row with the tallies of a run is kept: longer than any run; the report has the counts from its end on. */
export const COUNTS_KEPT_DAYS = 30;

export const batchResultSchema = z.object({ ...talliesSchema.shape, failures: z.array(failureSchema) });
export type BatchResult = z.infer<typeof batchResultSchema>;

export const reportSchema = z.object({
  operationId: operationIdSchema,
  /** `failed`: the run was given up; what it did by then is counted. */
  status: z.enum(["done", "failed"]),
  dryRun: z.boolean(),
  ...talliesSchema.shape,
  reasons: z.partialRecord(z.enum(FAILURE_REASONS), amount),
  /** The first ones; all of them are in the result files. */
  failures: z.array(failureSchema),
  askedAtMs: epochMs,
  endedAtMs: epochMs,
});
export type Report = z.infer<typeof reportSchema>;

export type DeletionVerdict =
  | "delete"
  | Extract<FailureReason, "not_your_client" | "registered_again" | "seen_again">;

/** Whether the operation may delete the client as it stands now. */
export function verdictOn(client: Client, { owner, askedAtMs, staleBeforeMs }: Operation): DeletionVerdict {
  if (owner !== undefined && client.sub !== owner) return "not_your_client";
  if ((client.registeredAtMs ?? client.createdAtMs) > askedAtMs) return "registered_again";
  if (staleBeforeMs !== undefined && seenOn(client) > staleBeforeMs) return "seen_again";
  return "delete";
}

/** Requests for other clients under the same id have lists of their own: the one that is first counts. */
export const listKey = (operationId: string, digest = "all"): string =>
  `operations/${operationId}/clients-${digest.slice(0, 16)}.jsonl`;

const DAY_MS = 86_400_000;

/** The UTC day of a moment. Written at most once a day, it costs the index one write a day. */
export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

const seenOn = ({ seenOnMs, lastSeenAtMs }: Client): number => seenOnMs ?? dayOf(lastSeenAtMs);

/** The last day on which a client may have been seen to be stale now. */
export const staleBefore = (nowMs: number, staleDays: number): number => dayOf(nowMs) - staleDays * DAY_MS;

/** Partition of the index of clients by the day they were last seen. */
export const seenShard = (clientId: string): string =>
  `seen#${Number.parseInt(clientId.slice(0, 4), 16) % SEEN_SHARDS}`;
export const seenShards = Array.from({ length: SEEN_SHARDS }, (_, shard) => `seen#${shard}`);

export const noResult = (): BatchResult => ({
  deleted: 0,
  alreadyGone: 0,
  callsEnded: 0,
  failed: 0,
  failures: [],
});

export type Summary = Pick<Report, keyof Tallies | "reasons" | "failures">;

/** Adds a batch to what is known of the others. */
export function summed(sum: Summary, batch: BatchResult): Summary {
  const reasons = { ...sum.reasons };
  for (const { reason } of batch.failures) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const room = Math.max(0, MAX_REPORTED_FAILURES - sum.failures.length);
  return {
    deleted: sum.deleted + batch.deleted,
    alreadyGone: sum.alreadyGone + batch.alreadyGone,
    callsEnded: sum.callsEnded + batch.callsEnded,
    failed: sum.failed + batch.failed,
    reasons,
    failures: [...sum.failures, ...batch.failures.slice(0, room)],
  };
}
