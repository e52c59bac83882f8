/** Billable units: always asked of the engine, told to the meter, and shown to the caller only if it asked. */
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import type { Engine } from "./engine.ts";

const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"]);
const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]);

interface Capacity {
  readonly CapacityUnits?: number;
}

export async function callMetered(
  engine: Engine,
  localAws: LocalAws,
  operation: string,
  input: Shape,
): Promise<Shape> {
  const isRead = READS.has(operation);
  if (!isRead && !WRITES.has(operation)) return engine.call(operation, input);
  const asked = (input["ReturnConsumedCapacity"] ?? "NONE") as string;
  const level = asked === "NONE" ? "TOTAL" : asked;
  try {
    const reply = await engine.call(operation, { ...input, ReturnConsumedCapacity: level });
    const { ConsumedCapacity: capacity, ...rest } = reply;
    const least = isRead ? (input["ConsistentRead"] === true ? 1 : 0.5) : 0;
    localAws.meter(isRead ? "dynamodb:read-unit" : "dynamodb:write-unit", Math.max(least, unitsOf(capacity)));
    return asked === "NONE" ? rest : reply;
  } catch (error) {
    if (!isRead) localAws.meter("dynamodb:write-unit", unitsOfFailure(error, input));
    throw error;
  }
}

const unitsOf = (capacity: unknown): number =>
  [capacity ?? []].flat().reduce<number>((sum, part) => sum + ((part as Capacity).CapacityUnits ?? 0), 0);

/** A write refused by its condition is billed all the same; the item's size is not looked up for it. */
function unitsOfFailure(error: unknown, input: Shape): number {
  if (!(error instanceof AwsError)) return 0;
  if (error.code === "ConditionalCheckFailedException") return 1;
  if (error.code === "TransactionCanceledException") return 2 * (input["TransactItems"] as unknown[]).length;
  return 0;
}
