/**
 * The beginning of a clean-up: finds the operation that was asked for with its list, makes one of a list that an operator has
 * put into the bucket, or writes the list of clients not seen for long. Repeating it gives the same operation.
 */
import * as z from "zod";
import { listKey, type Operation, operationIdSchema, staleBefore } from "../calls/clean-up.ts";
import { MAX_LISTED_CLIENTS } from "../calls/limits.ts";
import { type StaleClients, staleClients } from "./adapters/client-deletions.ts";
import { type OperationStore, operationStore } from "./adapters/operation-store.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger } from "./handler.ts";

const inputSchema = z.object({
  /** The execution's name. */
  operationId: operationIdSchema,
  /** A list that an operator has put there. */
  key: z.string().min(1).optional(),
  /** Clients not seen for long, as the schedule asks for them. */
  stale: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.output<typeof inputSchema>;

export interface ListClients {
  readonly operations: Pick<OperationStore, "begin" | "read" | "writeList">;
  readonly clients: StaleClients;
  readonly staleDays: number;
  readonly edge: Edge;
}

export async function listClients(tools: ListClients, input: Input): Promise<Operation> {
  const { operationId, key, stale, dryRun } = input;
  const askedFor = await tools.operations.read(operationId);
  if (askedFor) return askedFor;
  const nowMs = tools.edge.now();
  const asked = { operationId, askedAtMs: nowMs, dryRun };
  if (key !== undefined) return tools.operations.begin({ ...asked, key });
  if (!stale) throw new Error(`operation ${operationId} does not exist, and no list is named`);
  const staleBeforeMs = staleBefore(nowMs, tools.staleDays);
  const clientIds = await tools.clients.notSeenSince(staleBeforeMs, MAX_LISTED_CLIENTS);
  logger.info("stale clients", { operationId, found: clientIds.length, staleBeforeMs });
  // Nobody reads an empty list.
  if (clientIds.length > 0) await tools.operations.writeList(listKey(operationId), clientIds);
  return tools.operations.begin({
    ...asked,
    key: listKey(operationId),
    staleBeforeMs,
    listed: clientIds.length,
  });
}

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
