/**
 * The beginning of a clean-up's run: finds the requested operation with its list, makes an operation of a list that an operator
 * put into the bucket, or writes the list of clients not seen for long. Repeating it gives the same operation.
 */
import * as z from "zod/mini";
import {
  listKey,
  type Operation,
  type OperationId,
  operationIdSchema,
  staleBefore,
} from "../../calls/clean-up.ts";
import { type Run, runName } from "../../calls/clean-up-runs.ts";
import { listedClients, type ListItem } from "../../calls/client-list.ts";
import { MAX_LISTED_CLIENTS } from "../../calls/limits.ts";
import type { StaleClients } from "../store/client-deletions.ts";
import type { OperationStore } from "./operation-store.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";

export const inputSchema = z.object({
  /** The name of the execution that runs it first. */
  operationId: operationIdSchema,
  run: z._default(z.int().check(z.positive()), 1),
  /** The name of this execution. */
  execution: z.optional(operationIdSchema),
  /** A list that an operator has put there. */
  key: z.optional(z.string().check(z.minLength(1))),
  /** Clients not seen for long, as the schedule asks for them. */
  stale: z._default(z.boolean(), false),
  dryRun: z._default(z.boolean(), false),
});
type Input = z.output<typeof inputSchema>;

export interface ListClients {
  readonly operations: Pick<OperationStore, "begin" | "read" | "readList" | "writeList">;
  readonly clients: StaleClients;
  readonly staleDays: number;
  readonly edge: RuntimeInputs;
}

export async function listClients(tools: ListClients, input: Input): Promise<Run> {
  const { operationId, run } = input;
  const runId = runName(operationId, run);
  if (input.execution !== undefined && input.execution !== runId) {
    throw new Error(`run ${run} of operation ${operationId} is named ${runId}, not ${input.execution}`);
  }
  const operation = (await tools.operations.read(operationId)) ?? (await begin(tools, input));
  return { ...operation, run, runId };
}

async function begin(tools: ListClients, { operationId, key, stale, dryRun }: Input): Promise<Operation> {
  const nowMs = tools.edge.now();
  const asked = { operationId, askedAtMs: nowMs, dryRun };
  if (key !== undefined) {
    const items = await uploaded(tools, key);
    return tools.operations.begin({ ...asked, ...(await write(tools, operationId, items)) });
  }
  if (!stale) throw new Error(`operation ${operationId} does not exist, and no list is named`);
  const staleBeforeMs = staleBefore(nowMs, tools.staleDays);
  const clientIds = await tools.clients.notSeenSince(staleBeforeMs, MAX_LISTED_CLIENTS);
  logger.info("stale clients", { operationId, found: clientIds.length, staleBeforeMs });
  const items = clientIds.map((clientId) => ({ clientId }));
  return tools.operations.begin({ ...asked, staleBeforeMs, ...(await write(tools, operationId, items)) });
}

/** Converts a list as people write it into the form that the state machine reads. */
async function uploaded({ operations }: ListClients, key: string): Promise<ListItem[]> {
  const list = await operations.readList(key);
  if (list === undefined) throw new Error(`there is no list ${key}`);
  const items = listedClients(list);
  if (items.length <= MAX_LISTED_CLIENTS) return items;
  throw new Error(`the list ${key} has more than ${MAX_LISTED_CLIENTS} lines: split it`);
}

/** Apart from lists put there by hand, because this one may be overwritten. An empty list is never read. */
async function write(
  { operations }: ListClients,
  operationId: OperationId,
  items: readonly ListItem[],
): Promise<Pick<Operation, "key" | "listed">> {
  const key = listKey(operationId, "read");
  if (items.length > 0) await operations.writeList(key, items);
  return { key, listed: items.length };
}
