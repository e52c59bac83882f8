/**
 * The end of a clean-up's run: adds up the replies of its batches and the deletions of earlier runs, stores the report, and
 * returns the detail of ClientsDeleted.
 */
import * as z from "zod/mini";
import { type OperationId, type Report, type Summary, summed, type Tallies } from "../../calls/clean-up.ts";
import { ofAllRuns, type Run, runName, runSchema } from "../../calls/clean-up-runs.ts";
import { ClientsDeleted } from "../../events/clients-deleted.ts";
import type { OperationCounts } from "../store/operation-counts.ts";
import type { OperationStore } from "./operation-store.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";

export const inputSchema = z.object({ operation: runSchema, status: z.enum(["done", "failed"]) });

export interface ReportCleanUp {
  readonly operations: Pick<OperationStore, "results" | "writeReport">;
  readonly counts: OperationCounts;
  readonly edge: RuntimeInputs;
}

export async function reportCleanUp(
  tools: ReportCleanUp,
  { operation, status }: z.output<typeof inputSchema>,
): Promise<z.output<typeof ClientsDeleted.schema>> {
  const { operationId, run, dryRun, askedAtMs } = operation;
  const last = await summaryOf(tools, runName(operationId, run));
  const sum = { ...last, ...ofAllRuns(await earlierRuns(tools, operation), last) };
  const endedAtMs = tools.edge.now();
  const report: Report = { operationId, status, dryRun, ...sum, askedAtMs, endedAtMs };
  await tools.operations.writeReport(report, run);
  const { failures: _failures, ...counts } = sum;
  logger.info("cleaned up", { operationId, run, status, dryRun, ...counts });
  return { v: 1, operationId, status, dryRun, ...counts, atMs: endedAtMs };
}

async function summaryOf({ operations }: ReportCleanUp, runId: OperationId): Promise<Summary> {
  let sum: Summary = { deleted: 0, alreadyGone: 0, callsEnded: 0, failed: 0, reasons: {}, failures: [] };
  for await (const batch of operations.results(runId)) sum = summed(sum, batch);
  return sum;
}

/** A stopped run has no results, only its row of counts. A dry run deletes no client, so the next run still finds them all. */
async function earlierRuns(tools: ReportCleanUp, { operationId, run, dryRun }: Run): Promise<Tallies[]> {
  const earlier: Tallies[] = [];
  for (let number = 1; number < run && !dryRun; number += 1) {
    const runId = runName(operationId, number);
    const { deleted, alreadyGone, callsEnded, failed } = await summaryOf(tools, runId);
    const hasResults = deleted + alreadyGone + failed > 0;
    const counted = hasResults ? undefined : await tools.counts.soFar(runId);
    earlier.push(counted ?? { deleted, alreadyGone, callsEnded, failed });
  }
  return earlier;
}
