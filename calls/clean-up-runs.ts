/** The runs of a deletion: one that was given up runs again over the same list, with a name, counts, results and a report of its own. */
import * as z from "zod/mini";
import { type OperationId, operationIdSchema, operationSchema, type Tallies } from "./clean-up.ts";

/** The first run of an operation has its name; if that is given up, the next has a number too, counted from 2. */
export const runName = (operationId: OperationId, run: number): OperationId =>
  run === 1 ? operationId : operationIdSchema.parse(`${operationId}-${run}`);

/** What the states of one run hand on. `runId` names its execution, its counts and its results. */
export const runSchema = z.extend(operationSchema, {
  run: z._default(z.int().check(z.positive()), 1),
  /** Absent in runs that began before it existed: those are first ones. */
  runId: z.optional(operationIdSchema),
});
export type Run = z.infer<typeof runSchema>;

/** Each run has a report of its own. */
export const reportKey = (operationId: string, run: number): string =>
  `operations/${operationId}/report${run === 1 ? "" : `-${run}`}.json`;

/**
 * What the runs of an operation come to. Each goes over the whole list: whom an earlier one has deleted, the last one finds
 * gone, and what an earlier one could not do, the last one has tried again.
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
