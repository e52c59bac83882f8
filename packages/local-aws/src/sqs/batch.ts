/** What the batch operations of SQS have in common: up to 10 entries with distinct ids, each with its own outcome. */
import { AwsError, type Shape } from "../local-aws.ts";

const MAX_ENTRIES = 10;

interface Entry extends Shape {
  readonly Id: string;
}

export function batch(operation: string, input: Shape, one: (entry: Shape) => Shape): Shape {
  const entries = (input["Entries"] ?? []) as Entry[];
  refuseWrongEntries(operation, entries);
  const Successful: Shape[] = [];
  const Failed: Shape[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...one(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return Failed.length > 0 ? { Successful, Failed } : { Successful };
}

function refuseWrongEntries(operation: string, entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new AwsError(
      "EmptyBatchRequest",
      `There should be at least one ${operation}RequestEntry in the request.`,
    );
  }
  if (entries.length > MAX_ENTRIES) {
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const ids = entries.map(({ Id }) => Id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${repeated} repeated.`);
}
