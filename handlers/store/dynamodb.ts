/** The DynamoDB client of a function, and what several stores share. */
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
 * DynamoDB refuses a single write that meets a transaction, without effect, and the SDK by itself does not retry it. Marked
 * as retryable, it is retried like any other transient error, with jittered pauses; each attempt checks the condition
 * anew. A cancelled transaction is not retried: the reasons of its parts decide that.
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
    // Outside the step that turns replies into errors, inside the one that retries.
    { step: "deserialize", priority: "high", name: "repeatConflicts" },
  );
}

/** False if the condition of a single write failed, which is a normal result. */
export async function heldCondition(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** False if a transaction was cancelled for any reason: everything must be read again. */
export async function wroteTogether(transaction: Promise<unknown>): Promise<boolean> {
  try {
    await transaction;
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

/** Why one part of a transaction failed; `item` is the item as it stood, if requested. */
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
