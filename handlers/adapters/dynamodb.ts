/** The DynamoDB client of a function, and what several tables need of it. */
import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { clientOptions } from "./client-options.ts";

export type TransactItems = NonNullable<TransactWriteCommandInput["TransactItems"]>;

export function documentClient(region: string): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions(region)), {
    marshallOptions: { removeUndefinedValues: true },
  });
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
