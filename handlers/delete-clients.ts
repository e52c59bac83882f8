/** Deletes a batch of clients and reports the outcome of each. */
import { callStore } from "./store/call-store.ts";
import { clientDeletions } from "./store/client-deletions.ts";
import { clientReads } from "./store/client-reads.ts";
import { clientStore } from "./store/client-store.ts";
import { directory } from "./store/directory.ts";
import { eventBus } from "./edge/event-bus.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { batchSchema, type DeleteClients, deleteClients } from "./clients/delete-clients.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CLIENTS_TABLE",
  "DEVICES_TABLE",
  "CALLS_TABLE",
  "OWNERS_TABLE",
  "PEOPLE_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
);
const people = directory(env);
const tools: DeleteClients = {
  calls: callStore(env),
  clients: clientStore(env),
  deletions: clientDeletions(env),
  reads: clientReads(env),
  publisher: eventBus(env),
  unlinkPerson: (clientId) => people.unlink(clientId, edge.now()),
  keepHistory: env.CALL_HISTORY === "keep",
  edge,
};

export const handler = defineHandler(batchSchema, async ({ BatchInput, Items }) => {
  const result = await deleteClients(tools, BatchInput, Items);
  const { failures: _failures, ...tallies } = result;
  logger.info("batch", { operationId: BatchInput.operationId, dryRun: BatchInput.dryRun, ...tallies });
  if (!BatchInput.dryRun) count("ClientsDeleted", result.deleted);
  count("ClientsNotDeleted", result.failed);
  return result;
});
