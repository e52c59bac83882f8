/** `deleteClientIds` and `getOperation`: asking for clients to be deleted, and how that goes. */
import { createHash } from "node:crypto";
import type { ClientId } from "../../calls/ids.ts";
import { MAX_OWN_DELETED_CLIENT_IDS, MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import {
  listKey,
  type Operation,
  type OperationId,
  operationIdSchema,
  type Tallies,
} from "../../calls/clean-up.ts";
import { ofAllRuns, runName } from "../../calls/clean-up-runs.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { invalidRequest, Problem } from "../../api/problems.ts";
import type { OperationCounts } from "../store/operation-counts.ts";
import { counted, type Person, type CommandContext } from "../rest/command-context.ts";

const hash = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\n")).digest("hex");

/**
 * The list and the request are in the bucket before the execution starts, so a repeat completes what a crash has left, and runs
 * again over the same list what was given up. A list of anybody but an operator is their own clients, or nothing is done. Each
 * is checked again when it is deleted.
 */
export async function deleteClientIds(
  context: CommandContext,
  person: Person,
  { clientIds, idempotencyKey }: InputOf<"deleteClientIds">,
): Promise<ReplyOf<"deleteClientIds">> {
  await countRequest(context, person);
  const { operations, workflow } = await context.cleanUps();
  const wanted = [...new Set(clientIds)].toSorted();
  const digest = hash(...wanted);
  const name = hash(person.sub, idempotencyKey ?? digest).slice(0, 32);
  const operationId = operationIdSchema.parse(name);
  const standing = await operations.read(operationId);
  // Clients of an operation that was taken up may be gone by now.
  if (!standing && !person.operator) await assertOwn(context, person, clientIds);
  const items = wanted.map((clientId) => ({ clientId }));
  if (!standing) await operations.writeList(listKey(operationId, digest), items);
  const operation = standing ?? (await operations.begin(asked({ context, person, operationId, digest })));
  if (operation.digest !== digest) {
    throw new Problem("idempotency_key_reused", "the Idempotency-Key belongs to a request for other clients");
  }
  await workflow.start(operationId);
  return { operationId, requested: wanted.length };
}

/** Before anything is looked up: a request that is refused for its list costs as much. */
async function countRequest(context: CommandContext, person: Person): Promise<void> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const standing = await context.persons.read(person.sub);
    if (await context.persons.count(counted(context, person, standing, "deletions"))) return;
  }
  throw new Problem("try_again", "other requests of this person are being counted", { retryAfterSeconds: 1 });
}

/** A client that does not exist is refused in the same words as another's: who asks learns nothing of others. */
async function assertOwn(
  { clients }: CommandContext,
  { sub }: Person,
  clientIds: readonly ClientId[],
): Promise<void> {
  if (clientIds.length > MAX_OWN_DELETED_CLIENT_IDS) {
    const message = `expected at most ${MAX_OWN_DELETED_CLIENT_IDS} clients`;
    throw invalidRequest([{ field: "clientIds", message }]);
  }
  const found = await Promise.all(clientIds.map((clientId) => clients.read(clientId)));
  const errors = found.flatMap((client, index) =>
    client?.sub === sub ? [] : [{ field: `clientIds.${index}`, message: "expected a client of your own" }],
  );
  if (errors.length > 0) throw invalidRequest(errors);
}

interface Asked {
  readonly context: CommandContext;
  readonly person: Person;
  readonly operationId: OperationId;
  readonly digest: string;
}

function asked({ context, person, operationId, digest }: Asked): Operation {
  return {
    operationId,
    ...(person.operator ? {} : { owner: person.sub }),
    askedBy: person.sub,
    askedAtMs: context.edge.now(),
    key: listKey(operationId, digest),
    digest,
    dryRun: false,
  };
}

/** Somebody else's operation is answered like one that does not exist: its id says nothing. */
export async function getOperation(
  context: CommandContext,
  person: Person,
  { operationId }: InputOf<"getOperation">,
): Promise<ReplyOf<"getOperation">> {
  const { operations, workflow, counts: running } = await context.cleanUps();
  const operation = await operations.read(operationId);
  if (!operation || (!person.operator && operation.askedBy !== person.sub)) {
    throw new Problem("no_such_operation", `operation ${operationId} does not exist`);
  }
  const { askedAtMs, dryRun } = operation;
  const { run, state } = (await workflow.latest(operationId)) ?? { run: 1, state: undefined };
  const known = { operationId, execution: workflow.executionOf(operationId, run), askedAtMs, dryRun };
  const report = state === "running" ? undefined : await operations.report(operationId, run);
  if (!report) {
    const counts = await soFar(running, operation, run);
    return { ...known, status: state === "failed" ? "failed" : "running", ...(counts && { counts }) };
  }
  const { status, endedAtMs, deleted, alreadyGone, callsEnded, failed, reasons, failures } = report;
  const counts = { deleted, alreadyGone, callsEnded, failed };
  return { ...known, status, endedAtMs, counts, reasons, failures };
}

const NONE: Tallies = { deleted: 0, alreadyGone: 0, callsEnded: 0, failed: 0 };

/** As the report of this run will say, as far as its batches are done. Undefined until one of any run is. */
async function soFar(
  counts: OperationCounts,
  { operationId, dryRun }: Operation,
  run: number,
): Promise<Tallies | undefined> {
  const firstRun = dryRun ? run : 1;
  const runs = Array.from({ length: run - firstRun + 1 }, (_, index) =>
    runName(operationId, firstRun + index),
  );
  const found = await Promise.all(runs.map((runId) => counts.soFar(runId)));
  if (found.every((tallies) => tallies === undefined)) return undefined;
  const tallies = found.map((one) => one ?? NONE);
  return ofAllRuns(tallies.slice(0, -1), tallies.at(-1) ?? NONE);
}
