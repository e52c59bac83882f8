/** ReturnValuesOnConditionCheckFailure of single writes: the error carries the item that made the condition fail. */
import { AwsError, type Shape } from "../local-aws.ts";
import type { Dynalite } from "./dynalite.ts";
import { validationError } from "./engine.ts";

export const WRITES = ["PutItem", "UpdateItem", "DeleteItem"];

export function wantsItemOnFailure(input: Shape): boolean {
  const wanted = (input["ReturnValuesOnConditionCheckFailure"] ?? "NONE") as string;
  if (wanted !== "ALL_OLD" && wanted !== "NONE") {
    throw validationError(
      `1 validation error detected: Value '${wanted}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]`,
    );
  }
  return wanted === "ALL_OLD";
}

/** The caller holds the lock alone: no other write can come between the failed condition and the read. */
export async function writeReturningItem(
  dynalite: Dynalite,
  operation: string,
  input: Shape,
): Promise<Shape> {
  try {
    return await dynalite.call(operation, input);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ConditionalCheckFailedException") throw error;
    const { item } = await dynalite.examine(operation, input);
    throw new AwsError(error.code, error.message, error.status, item ? { Item: item } : {});
  }
}
