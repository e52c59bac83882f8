/**
 * Deletes a batch of clients and says what became of each. A batch takes a second at least, so that what all batches
 * together ask of the tables follows from how many there are at once, whatever the tables' speed.
 */
import * as z from "zod";
import {
  type BatchResult,
  clientIdIn,
  type Failure,
  noResult,
  type Operation,
  operationSchema,
} from "../calls/clean-up.ts";
import { CLEAN_UP_BATCH } from "../calls/limits.ts";
import { callStore } from "./adapters/call-store.ts";
import { clientDeletions } from "./adapters/client-deletions.ts";
import { clientStore } from "./adapters/client-store.ts";
import { directory } from "./adapters/directory.ts";
import { eventBus } from "./adapters/event-bus.ts";
import { deleteClient, type DeleteClient, type Outcome } from "./delete-client.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, edge, logger } from "./handler.ts";

/** Clients of a batch that are dealt with at the same time. */
const AT_ONCE = 10;
const BATCH_MS = 1_000;

const batchSchema = z.object({
  BatchInput: operationSchema,
  /** Lines of the list. A line that names no client is reported. */
  Items: z.array(z.unknown()).min(1).max(CLEAN_UP_BATCH),
});

export async function deleteClients(
  tools: DeleteClient,
  operation: Operation,
  items: readonly unknown[],
): Promise<BatchResult> {
  const startedMs = tools.edge.now();
  const waiting = [...new Set(items.map((item) => (typeof item === "string" ? item : JSON.stringify(item))))];
  const done: (readonly [string, Outcome])[] = [];
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      done.push([line, await dealWith(tools, operation, line)]);
    }
  });
  await Promise.all(lanes);
  const restMs = startedMs + BATCH_MS - tools.edge.now();
  if (restMs > 0) await tools.edge.pause(restMs);
  return done.reduce(counted, noResult());
}

async function dealWith(tools: DeleteClient, operation: Operation, line: string): Promise<Outcome> {
  const clientId = clientIdIn(line.startsWith("{") ? JSON.parse(line) : line);
  if (clientId === undefined) return { result: "invalid_id", callEnded: false };
  try {
    return await deleteClient(tools, operation, clientId);
  } catch (error) {
    // One bad client must not keep the others; it is reported, and asking again tries it again.
    logger.error("client not deleted", { clientId, error: error as Error });
    return { result: "try_again", callEnded: false };
  }
}

/** What stands in the report of a line that is no id: enough to find it. */
const SHOWN_CHARACTERS = 60;

function counted(sum: BatchResult, [line, { result, callEnded }]: readonly [string, Outcome]): BatchResult {
  const next = { ...sum, callsEnded: sum.callsEnded + (callEnded ? 1 : 0) };
  if (result === "deleted") return { ...next, deleted: sum.deleted + 1 };
  if (result === "already gone") return { ...next, alreadyGone: sum.alreadyGone + 1 };
  const clientId = clientIdIn(line.startsWith("{") ? JSON.parse(line) : line);
  const failure: Failure = { clientId: clientId ?? line.slice(0, SHOWN_CHARACTERS), reason: result };
  return { ...next, failed: sum.failed + 1, failures: [...sum.failures, failure] };
}

const env = readEnvironment(
  "AWS_REGION",
  "CLIENTS_TABLE",
  "DEVICES_TABLE",
  "CALLS_TABLE",
  "PEOPLE_TABLE",
  "BUS_NAME",
  "CALL_HISTORY",
);
const people = directory(env);
const tools: DeleteClient = {
  calls: callStore(env),
  clients: clientStore(env),
  deletions: clientDeletions(env),
  publisher: eventBus(env),
  unlinkPerson: ({ clientId }) => people.unlink(clientId, edge.now()),
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
