/** The counts of a deletion's run so far: a row to which the state machine adds after each batch. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type OperationId, type Tallies, talliesSchema } from "../../calls/clean-up.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";
import { countsKey } from "./tables.ts";

export interface OperationCounts {
  /** Undefined until the first batch is done. A moment behind; the report has the final counts. */
  soFar(runId: OperationId): Promise<Tallies | undefined>;
}

export function operationCounts({
  AWS_REGION,
  CALLS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CALLS_TABLE">): OperationCounts {
  const documents = documentClient(AWS_REGION);
  return {
    async soFar(runId) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: countsKey(runId) }));
      return Item && talliesSchema.parse(Item);
    },
  };
}
