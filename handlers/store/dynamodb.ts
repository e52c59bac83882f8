/** The DynamoDB client of a function, and what several tables need of it. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { clientOptions } from "../edge/client-options.ts";

export type TransactItems = NonNullable<TransactWriteCommandInput["TransactItems"]>;

export function documentClient(region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient(clientOptions(region));
  repeatConflicts(client);
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/**
 * A single write that meets somebody's transaction is refused without effect, and the SDK by itself does not ask again.
 * Marked as worth repeating it does, as often and with the jittered pauses of any other hiccup; the condition is judged
 * anew each time. A cancelled transaction is not repeated: whether that is worth it depends on what its parts say.
 */
function repeatConflicts({ middlewareStack }: DynamoDBClient): void {
  middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        if (error instanceof TransactionConflictException) Object.assign(error, { $retryable: {} });
        throw error;
      }
    },
    // Around the step that makes errors of replies, inside the one that retries.
    { step: "deserialize", priority: "high", name: "repeatConflicts" },
  );
}

/** False if the condition of a single write failed, which is a result like another. */
export async function heldCondition(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** False if a transaction was cancelled, for whatever reason: all has to be read again. */
export async function wroteTogether(transaction: Promise<unknown>): Promise<boolean> {
  try {
    await transaction;
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

/** Why one part of a transaction did not hold; `item` is what stood there, if asked for. */
export interface CancellationReason {
  readonly code: string;
  readonly item?: Record<string, unknown>;
}

/** The reasons of a cancelled transaction in the order of its parts; rethrows anything else. */
export function cancellationReasons(error: unknown): CancellationReason[] {
  if (!(error instanceof TransactionCanceledException)) throw error;
  return (error.CancellationReasons ?? []).map(({ Code = "None", Item }) => ({
    code: Code,
    ...(Item && { item: unmarshall(Item) }),
  }));
}

export const failedCondition = (reason: CancellationReason | undefined): boolean =>
  reason?.code === "ConditionalCheckFailed";
