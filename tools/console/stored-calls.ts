/** Calls as they are stored, and as a row shows them. */
import { BatchGetCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import { type Call, callSchema, legsOf } from "../../calls/call.ts";
import { callKey } from "../../handlers/store/tables.ts";
import type { Reading } from "./reading.ts";
import { namesOf } from "./names.ts";
import type { CallRow, Party } from "./views.ts";

/** What one BatchGetItem takes. */
const BATCH = 100;
const MOST_ATTEMPTS = 5;

export async function storedCall({ documents, stack }: Reading, callId: string): Promise<Call | undefined> {
  const get = new GetCommand({ TableName: stack.tables.calls, Key: callKey(callId), ConsistentRead: true });
  const { Item } = await documents.send(get);
  return Item && callSchema.parse(Item);
}

/** Those that are still stored. */
export async function storedCalls(reading: Reading, callIds: readonly string[]): Promise<Map<string, Call>> {
  const found = new Map<string, Call>();
  for (let from = 0; from < callIds.length; from += BATCH) {
    for (const call of await batchOf(reading, callIds.slice(from, from + BATCH)))
      found.set(call.callId, call);
  }
  return found;
}

async function batchOf({ documents, stack }: Reading, callIds: readonly string[]): Promise<Call[]> {
  const calls: Call[] = [];
  let wanted: Record<string, unknown>[] | undefined = callIds.map(callKey);
  for (let attempt = 0; wanted && wanted.length > 0; attempt += 1) {
    if (attempt >= MOST_ATTEMPTS)
      throw new Error(`${stack.tables.calls}: BatchGetItem leaves keys unprocessed`);
    const get: BatchGetCommand = new BatchGetCommand({
      RequestItems: { [stack.tables.calls]: { Keys: wanted } },
    });
    const { Responses = {}, UnprocessedKeys = {} } = await documents.send(get);
    calls.push(...(Responses[stack.tables.calls] ?? []).map((item) => callSchema.parse(item)));
    wanted = UnprocessedKeys[stack.tables.calls]?.Keys;
  }
  return calls;
}

/** The caller first. */
export async function partiesOf(reading: Reading, call: Call): Promise<Party[]> {
  const names = await namesOf(
    reading,
    legsOf(call).map(({ clientId }) => clientId),
  );
  return legsOf(call).map(({ clientId, role }) => {
    const name = names.get(clientId);
    return { clientId, role, ...(name !== undefined && { name }) };
  });
}

export async function rowOf(reading: Reading, call: Call, execution?: string): Promise<CallRow> {
  const { callId, status, endReason, media, createdAtMs, answeredAtMs, endedAtMs } = call;
  return {
    callId,
    status,
    ...(endReason && { endReason }),
    media,
    parties: await partiesOf(reading, call),
    createdAtMs,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
    ...(execution !== undefined && { execution }),
  };
}
