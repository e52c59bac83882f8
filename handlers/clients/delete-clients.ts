/**
 * Deletes a batch of clients and reports the outcome of each. A batch takes a second at least, so that the number of parallel
 * batches limits the load on the tables, whatever their speed.
 */
import * as z from "zod/mini";
import {
  type BatchResult,
  type Failure,
  noResult,
  type Operation,
  operationSchema,
} from "../../calls/clean-up.ts";
import { clientIdIn, namedIn } from "../../calls/client-list.ts";
import type { ClientId } from "../../calls/ids.ts";
import { CLEAN_UP_BATCH } from "../../calls/limits.ts";
import type { ClientReads, ClientsSeen } from "../store/client-reads.ts";
import { deleteClient, type DeleteClient, forget, type Outcome } from "./delete-client.ts";
import { deleteTogether, inGroups, simpleRemoval } from "./delete-together.ts";
import { logger } from "../edge/handler.ts";

/** Clients of a batch that are deleted in parallel. */
const AT_ONCE = 10;
const BATCH_MS = 1_000;

export const batchSchema = z.object({
  BatchInput: operationSchema,
  /** Items of the list. One that names no client is reported. */
  Items: z.array(z.unknown()).check(z.minLength(1), z.maxLength(CLEAN_UP_BATCH)),
});

export interface DeleteClients extends DeleteClient {
  readonly reads: ClientReads;
}

export async function deleteClients(
  tools: DeleteClients,
  operation: Operation,
  items: readonly unknown[],
): Promise<BatchResult> {
  const startedMs = tools.edge.now();
  const lines = linesOf(items);
  const seen = await tools.reads.readAll(lines.flatMap(({ clientId }) => clientId ?? []));
  const deleted = await deleteInGroups(tools, operation, seen);
  const done: (readonly [Line, Outcome])[] = [];
  await inLanes(lines, async (line) => {
    done.push([line, await dealWith(tools, operation, line, { seen, deleted })]);
  });
  const restMs = startedMs + BATCH_MS - tools.edge.now();
  if (restMs > 0) await tools.edge.pause(restMs);
  return done.reduce(counted, noResult());
}

async function inLanes<T>(tasks: readonly T[], work: (task: T) => Promise<void>): Promise<void> {
  const waiting = [...tasks];
  const lane = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await work(task);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Deletes the clients of the batch that are in no call, in groups. Returns those that it has deleted. */
async function deleteInGroups(
  tools: DeleteClients,
  operation: Operation,
  seen: ClientsSeen,
): Promise<ReadonlySet<ClientId>> {
  const deleted = new Set<ClientId>();
  const removals = [...seen.values()].flatMap((one) => simpleRemoval(one, operation) ?? []);
  await inLanes(inGroups(removals), async (group) => {
    try {
      for (const clientId of await deleteTogether(tools, group)) deleted.add(clientId);
    } catch (error) {
      // One bad client must not stop the others: each is tried by itself now.
      logger.warn("group not deleted", { clients: group.length, error: error as Error });
    }
  });
  return deleted;
}

interface Line {
  readonly clientId: ClientId | undefined;
  /** How the report names it. */
  readonly named: Omit<Failure, "reason">;
}

/** Each client once, however the lines spell it. */
function linesOf(items: readonly unknown[]): Line[] {
  const lines = items.map((item) => ({ clientId: clientIdIn(item), named: namedIn(item) }));
  const keyOf = ({ clientId, named }: Line): string => clientId ?? JSON.stringify(named);
  return [...new Map(lines.map((line) => [keyOf(line), line])).values()];
}

async function dealWith(
  tools: DeleteClients,
  operation: Operation,
  { clientId }: Line,
  { seen, deleted }: { readonly seen: ClientsSeen; readonly deleted: ReadonlySet<ClientId> },
): Promise<Outcome> {
  if (clientId === undefined) return { result: "invalid_id", callEnded: false };
  try {
    if (!deleted.has(clientId)) return await deleteClient(tools, operation, clientId, seen.get(clientId));
    await forget(tools, operation, clientId);
    return { result: "deleted", callEnded: false };
  } catch (error) {
    // One bad client must not stop the others; it is reported, and a new request tries it again.
    logger.error("client not deleted", { clientId, error: error as Error });
    return { result: "try_again", callEnded: false };
  }
}

function counted(sum: BatchResult, [line, { result, callEnded }]: readonly [Line, Outcome]): BatchResult {
  const next = { ...sum, callsEnded: sum.callsEnded + (callEnded ? 1 : 0) };
  if (result === "deleted") return { ...next, deleted: sum.deleted + 1 };
  if (result === "already gone") return { ...next, alreadyGone: sum.alreadyGone + 1 };
  const failure: Failure = { ...line.named, reason: result };
  return { ...next, failed: sum.failed + 1, failures: [...sum.failures, failure] };
}
