/**
 * TransactWriteItems on top of single operations.
 *
 * T1 The caller holds the lock alone, so no other request sees a transaction half done.
 * T2 Every part is examined before any is written; a part that still fails when written (an update that does not fit
 *    the item) takes the written ones back.
 * T3 Reasons stand in the order of the parts.
 */
import { createHash } from "node:crypto";
import { AwsError, type Shape } from "../local-aws.ts";
import { type Dynalite, type Examination, writeUnits } from "./dynalite.ts";
import { validationError } from "./engine.ts";

const MAX_PARTS = 100;
const TOKEN_LIFE_MS = 10 * 60_000;
/** A condition check is validated as a delete: a key and a condition. */
const OPERATION_OF: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "DeleteItem",
};

interface Part {
  readonly kind: string;
  readonly operation: string;
  readonly input: Shape;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Shape;
}

export function createTransactWriteItems(
  dynalite: Dynalite,
  now: () => number,
): (input: Shape) => Promise<Shape> {
  const tokens = new Map<string, { digest: string; untilMs: number }>();

  function seenBefore(token: string, digest: string): boolean {
    for (const [old, { untilMs }] of tokens) {
      if (untilMs > now()) break;
      tokens.delete(old);
    }
    const known = tokens.get(token);
    if (!known) return false;
    if (known.digest === digest) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.",
    );
  }

  return async (input) => {
    const parts = partsOf(input);
    const token = input["ClientRequestToken"];
    const digest = createHash("sha256").update(JSON.stringify(input["TransactItems"])).digest("hex");
    if (typeof token === "string" && seenBefore(token, digest)) return {};
    const units = await writeAll(dynalite, parts);
    if (typeof token === "string") tokens.set(token, { digest, untilMs: now() + TOKEN_LIFE_MS });
    return {
      ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })),
    };
  };
}

/** Writes all parts or none; returns the units consumed by table, two for each unit of a single write. */
async function writeAll(dynalite: Dynalite, parts: readonly Part[]): Promise<Map<string, number>> {
  const examine = ({ operation, kind, input }: Part): Promise<Examination> =>
    dynalite.examine(
      operation,
      kind === "ConditionCheck" ? input : { ...input, ReturnConsumedCapacity: "TOTAL" },
    );
  const seen = await Promise.all(parts.map(examine));
  refuseSameItemTwice(seen);
  const reasons = seen.map((examined, index) => reasonOf(parts[index], examined));
  if (reasons.some(({ Code }) => Code !== "None")) throw cancelled(reasons);

  const units = new Map<string, number>();
  for (const [index, { write, item }] of seen.entries()) {
    const { kind, input } = parts[index] as Part; // as many as were examined
    const table = String(input["TableName"]);
    const add = (amount: number): void => void units.set(table, (units.get(table) ?? 0) + 2 * amount);
    if (kind === "ConditionCheck") {
      add(writeUnits(item));
      continue;
    }
    try {
      const reply = await write();
      add((reply["ConsumedCapacity"] as { CapacityUnits: number }).CapacityUnits);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      await takeBack(dynalite, parts.slice(0, index), seen);
      throw cancelled(
        parts.map((_, at) =>
          at === index ? { Code: "ValidationError", Message: error.message } : { Code: "None" },
        ),
      );
    }
  }
  return units;
}

async function takeBack(
  dynalite: Dynalite,
  written: readonly Part[],
  seen: readonly Examination[],
): Promise<void> {
  for (const [index, { kind, input }] of written.entries()) {
    const before = seen[index];
    if (!before || kind === "ConditionCheck") continue;
    const { TableName } = input;
    await (before.item
      ? dynalite.call("PutItem", { TableName, Item: before.item })
      : dynalite.call("DeleteItem", { TableName, Key: before.key }));
  }
}

function reasonOf(part: Part | undefined, { failure, item }: Examination): Reason {
  if (!failure) return { Code: "None" };
  const reason = { Code: failure.code, Message: failure.message };
  const wanted = part?.input["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD";
  return wanted && item && failure.code === "ConditionalCheckFailed" ? { ...reason, Item: item } : reason;
}

const cancelled = (reasons: readonly Reason[]): AwsError =>
  new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );

function partsOf(input: Shape): Part[] {
  const items = (input["TransactItems"] ?? []) as Shape[];
  refuseWrongCount(items);
  return items.map((item, index) => {
    const kinds = Object.keys(item).filter((kind) => item[kind] != null);
    const kind = kinds[0];
    const operation = kind && OPERATION_OF[kind];
    if (!operation || kinds.length !== 1) {
      throw validationError("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    const part = item[kind] as Shape;
    if (kind === "ConditionCheck" && part["ConditionExpression"] == null) {
      throw validationError(
        `1 validation error detected: Value null at 'transactItems.${index + 1}.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null`,
      );
    }
    return { kind, operation, input: part };
  });
}

export function refuseWrongCount(items: readonly unknown[]): void {
  if (items.length >= 1 && items.length <= MAX_PARTS) return;
  const bound = items.length < 1 ? "greater than or equal to 1" : `less than or equal to ${MAX_PARTS}`;
  throw validationError(
    `1 validation error detected: Value '[${items.length} items]' at 'transactItems' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

function refuseSameItemTwice(seen: readonly Examination[]): void {
  const identities = seen.map(({ identity }) => identity).filter((identity) => identity !== "");
  if (new Set(identities).size === identities.length) return;
  throw validationError("Transaction request cannot include multiple operations on one item");
}
