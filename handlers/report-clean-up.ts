/** The end of a clean-up's run: its report, and the detail of ClientsDeleted. */
import { operationCounts } from "./store/operation-counts.ts";
import { operationStore } from "./clients/operation-store.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge } from "./edge/handler.ts";
import { inputSchema, type ReportCleanUp, reportCleanUp } from "./clients/report-clean-up.ts";

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "CLEAN_UP_BUCKET");
const tools: ReportCleanUp = { operations: operationStore(env), counts: operationCounts(env), edge };

export const handler = defineHandler(inputSchema, async (input) => {
  const detail = await reportCleanUp(tools, input);
  count(detail.status === "done" ? "CleanUps" : "FailedCleanUps");
  return detail;
});
