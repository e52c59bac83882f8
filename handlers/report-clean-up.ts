/** The end of a clean-up: adds up what its batches say, keeps the report, and gives what ClientsDeleted says. */
import * as z from "zod";
import { operationSchema, type Report, type Summary, summed } from "../calls/clean-up.ts";
import { ClientsDeleted } from "../events/clients-deleted.ts";
import { type OperationStore, operationStore } from "./adapters/operation-store.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger } from "./handler.ts";

const inputSchema = z.object({ operation: operationSchema, status: z.enum(["done", "failed"]) });

export interface ReportCleanUp {
  readonly operations: Pick<OperationStore, "results" | "writeReport">;
  readonly edge: Edge;
}

export async function reportCleanUp(
  tools: ReportCleanUp,
  { operation, status }: z.output<typeof inputSchema>,
): Promise<z.output<typeof ClientsDeleted.schema>> {
  const { operationId, dryRun, askedAtMs } = operation;
  let sum: Summary = { deleted: 0, alreadyGone: 0, callsEnded: 0, failed: 0, reasons: {}, failures: [] };
  for await (const batch of tools.operations.results(operationId)) sum = summed(sum, batch);
  const endedAtMs = tools.edge.now();
  const report: Report = { operationId, status, dryRun, ...sum, askedAtMs, endedAtMs };
  await tools.operations.writeReport(report);
  const { failures: _failures, ...counts } = sum;
  logger.info("cleaned up", { operationId, status, dryRun, ...counts });
  return { v: 1, operationId, status, dryRun, ...counts, atMs: endedAtMs };
}

const env = readEnvironment("AWS_REGION", "CLEAN_UP_BUCKET");
const tools: ReportCleanUp = { operations: operationStore(env), edge };

export const handler = defineHandler(inputSchema, async (input) => {
  const detail = await reportCleanUp(tools, input);
  count(detail.status === "done" ? "CleanUps" : "FailedCleanUps");
  return detail;
});
