/** `deleteClientIds` and `getOperation`: asking for clients to be deleted, and how that goes. */
import { createHash } from "node:crypto";
import { listKey, type Operation, type OperationId, operationIdSchema } from "../../calls/clean-up.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { Problem } from "../../calls/problems.ts";
import type { OperationCounts } from "../adapters/operation-counts.ts";
import type { OperationStore } from "../adapters/operation-store.ts";
import type { CleanUpWorkflow } from "../adapters/clean-up-workflow.ts";
import type { Person, Tools } from "./tools.ts";

/** Loaded when they are needed: calls do not pay for them. */
export interface CleanUps {
  readonly operations: Pick<OperationStore, "begin" | "read" | "writeList" | "report">;
  readonly workflow: CleanUpWorkflow;
  readonly counts: OperationCounts;
}

const hash = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\n")).digest("hex");

/**
 * The list and the request are in the bucket before the execution starts, so a repeat completes what a crash has left. Whose
 * the clients are is checked one by one when they are deleted: thousands cannot be read while a person waits.
 */
export async function deleteClientIds(
  tools: Tools,
  person: Person,
  { clientIds, idempotencyKey }: InputOf<"deleteClientIds">,
): Promise<ReplyOf<"deleteClientIds">> {
  const { operations, workflow } = await tools.cleanUps();
  const wanted = [...new Set<string>(clientIds)].toSorted();
  const digest = hash(...wanted);
  const name = hash(person.sub, idempotencyKey ?? digest).slice(0, 32);
  const operationId = operationIdSchema.parse(name);
  const standing = await operations.read(operationId);
  if (!standing) await operations.writeList(listKey(operationId, digest), wanted);
  const operation = standing ?? (await operations.begin(asked({ tools, person, operationId, digest })));
  if (operation.digest !== digest) {
    throw new Problem("idempotency_key_reused", "the Idempotency-Key belongs to a request for other clients");
  }
  await workflow.start(operationId);
  return { operationId, requested: wanted.length };
}

interface Asked {
  readonly tools: Tools;
  readonly person: Person;
  readonly operationId: OperationId;
  readonly digest: string;
}

function asked({ tools, person, operationId, digest }: Asked): Operation {
  return {
    operationId,
    ...(person.operator ? {} : { owner: person.sub }),
    askedBy: person.sub,
    askedAtMs: tools.edge.now(),
    key: listKey(operationId, digest),
    digest,
    dryRun: false,
  };
}

/** Somebody else's operation is answered like one that does not exist: its id says nothing. */
export async function getOperation(
  tools: Tools,
  person: Person,
  { operationId }: InputOf<"getOperation">,
): Promise<ReplyOf<"getOperation">> {
  const { operations, workflow, counts: running } = await tools.cleanUps();
  const operation = await operations.read(operationId);
  if (!operation || (!person.operator && operation.askedBy !== person.sub)) {
    throw new Problem("no_such_operation", `operation ${operationId} does not exist`);
  }
  const execution = workflow.executionOf(operationId);
  const { askedAtMs, dryRun } = operation;
  const known = { operationId, execution, askedAtMs, dryRun };
  const [report, state] = await Promise.all([operations.report(operationId), workflow.state(operationId)]);
  // A report of an earlier attempt says nothing of one that runs again.
  if (!report || state === "running") {
    const counts = await running.soFar(operationId);
    return { ...known, status: state === "failed" ? "failed" : "running", ...(counts && { counts }) };
  }
  const { status, endedAtMs, deleted, alreadyGone, callsEnded, failed, reasons, failures } = report;
  const counts = { deleted, alreadyGone, callsEnded, failed };
  return { ...known, status, endedAtMs, counts, reasons, failures };
}
