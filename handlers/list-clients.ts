/** The beginning of a clean-up's run: which clients it deletes. */
import { staleClients } from "./store/client-deletions.ts";
import { operationStore } from "./clients/operation-store.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge } from "./edge/handler.ts";
import { inputSchema, type ListClients, listClients } from "./clients/list-clients.ts";

const env = readEnvironment("AWS_REGION", "CLIENTS_TABLE", "CLEAN_UP_BUCKET", "STALE_DAYS");
const tools: ListClients = {
  operations: operationStore(env),
  clients: staleClients(env),
  staleDays: env.STALE_DAYS,
  edge,
};

export const handler = defineHandler(inputSchema, async (input) => {
  const operation = await listClients(tools, input);
  if (input.stale) count("StaleLists");
  return operation;
});
