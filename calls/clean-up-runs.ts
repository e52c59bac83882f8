/** The runs of a deletion. After a failed run the next one takes the same list, with its own name, counts, results and report. */
import * as z from "zod/mini";
import { type OperationId, operationIdSchema, operationSchema, type Tallies } from "./clean-up.ts";

/** The first run has the operation's name. If it fails, the next ones add a number, counted from 2. */
export const runName = (operationId: OperationId, run: number): OperationId =>
  run === 1 ? operationId : operationIdSchema.parse(`${operationId}-${run}`);

/** What the states of one run pass on. `runId` names its execution, its counts and its results. */
export const runSchema = z.extend(operationSchema, {
  run: z._default(z.int().check(z.positive()), 1),
  /** Absent in runs that began before it existed: those are first runs. */
  runId: z.optional(operationIdSchema),
});
export type Run = z.infer<typeof runSchema>;

/** Each run has a report of its own. */
export const reportKey = (operationId: string, run: number): string =>
  `operations/${operationId}/report${run === 1 ? "" : `-${run}`}.json`;

/**
 * The total of an operation's runs. Each run takes the whole list: clients that an earlier run deleted are gone for the last
 * one, and clients that an earlier run could not delete are tried again by the last one.
 */
export function ofAllRuns(earlier: readonly Tallies[], last: Tallies): Tallies {
  const sumOf = (name: keyof Tallies) => earlier.reduce((sum, run) => sum + run[name], 0);
  return {
    deleted: sumOf("deleted") + last.deleted,
    alreadyGone: Math.max(0, last.alreadyGone - sumOf("deleted")),
    callsEnded: sumOf("callsEnded") + last.callsEnded,
    failed: last.failed,
  };
}
