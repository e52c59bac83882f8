/** Items by their keys, as many as wanted: a request for each hundred. */
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import type { Reading } from "./reading.ts";

/** What one BatchGetItem takes. */
export const BATCH = 100;
const MOST_ATTEMPTS = 5;

type Key = Readonly<Record<string, unknown>>;

export interface Wanted {
  readonly table: string;
  readonly keys: readonly Key[];
  /** Names of members, if not all are wanted. */
  readonly members?: readonly string[];
}

/** Those that there are, in no order. */
export async function batchGet(reading: Reading, { keys: wanted, ...rest }: Wanted): Promise<Key[]> {
  const found: Key[] = [];
  // AWS refuses a list that names an item twice, such as the call that two of the clients are in.
  const keys = [...new Map(wanted.map((key) => [JSON.stringify(key), key])).values()];
  for (let from = 0; from < keys.length; from += BATCH)
    found.push(...(await batchOf(reading, { ...rest, keys: keys.slice(from, from + BATCH) })));
  return found;
}

async function batchOf({ documents }: Reading, { table, keys, members }: Wanted): Promise<Key[]> {
  const found: Key[] = [];
  const projection = members && projectionOf(members);
  let wanted: Record<string, unknown>[] | undefined = keys.map((key) => ({ ...key }));
  for (let attempt = 0; wanted && wanted.length > 0; attempt += 1) {
    if (attempt >= MOST_ATTEMPTS) throw new Error(`${table}: BatchGetItem leaves keys unprocessed`);
    const get: BatchGetCommand = new BatchGetCommand({
      RequestItems: { [table]: { Keys: wanted, ...projection } },
    });
    const { Responses = {}, UnprocessedKeys = {} } = await documents.send(get);
    found.push(...(Responses[table] ?? []));
    wanted = UnprocessedKeys[table]?.Keys;
  }
  return found;
}

/** Some names are words of DynamoDB's own. */
export const projectionOf = (members: readonly string[]) => ({
  ProjectionExpression: members.map((name) => `#${name}`).join(", "),
  ExpressionAttributeNames: Object.fromEntries(members.map((name) => [`#${name}`, name])),
});
