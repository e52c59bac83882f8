/** Calls as they are stored, and as a row shows them. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type Call, callSchema, legsOf } from "../../calls/call.ts";
import { callKey } from "../../handlers/store/tables.ts";
import { batchGet } from "./batch-get.ts";
import type { Reading } from "./reading.ts";
import { namesOf } from "./names.ts";
import type { CallRow, Party } from "./views.ts";

export async function storedCall({ documents, stack }: Reading, callId: string): Promise<Call | undefined> {
  const get = new GetCommand({ TableName: stack.tables.calls, Key: callKey(callId), ConsistentRead: true });
  const { Item } = await documents.send(get);
  return Item && callSchema.parse(Item);
}

/** Those that are still stored. */
export async function storedCalls(reading: Reading, callIds: readonly string[]): Promise<Map<string, Call>> {
  const { calls: table } = reading.stack.tables;
  const items = await batchGet(reading, { table, keys: callIds.map(callKey) });
  return new Map(items.map((item) => callSchema.parse(item)).map((call) => [call.callId, call]));
}

/** The caller first. */
export async function partiesOf(reading: Reading, call: Call): Promise<Party[]> {
  const names = await namesOf(reading, legsOf(call));
  return legsOf(call).map(({ clientId, role }) => {
    const name = names.get(clientId);
    return { clientId, role, ...(name !== undefined && { name }) };
  });
}

/** Calls in rows, in their order; the names of all take a few requests together. */
export async function rowsOf(
  reading: Reading,
  calls: readonly Call[],
  executionOf: (call: Call) => string | undefined,
): Promise<CallRow[]> {
  await namesOf(reading, calls.flatMap(legsOf));
  return Promise.all(calls.map((call) => rowOf(reading, call, executionOf(call))));
}

async function rowOf(reading: Reading, call: Call, execution?: string): Promise<CallRow> {
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
