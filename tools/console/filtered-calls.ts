/** Calls as a filter looks at them: few members, and those of calls that change no more are kept in memory. */
import { callKey } from "../../handlers/store/tables.ts";
import { batchGet } from "./batch-get.ts";
import { type FilteredCall, filteredCallSchema } from "./calls-query.ts";
import type { Reading } from "./reading.ts";

export const unknownAmong = ({ memory }: Reading, callIds: readonly string[]): string[] =>
  callIds.filter((callId) => memory.calls.get(callId) === undefined);

/** Those that are stored. */
export async function filteredCalls(
  reading: Reading,
  callIds: readonly string[],
): Promise<Map<string, FilteredCall>> {
  const { memory, stack } = reading;
  const items = await batchGet(reading, {
    table: stack.tables.calls,
    keys: unknownAmong(reading, callIds).map(callKey),
    members: Object.keys(filteredCallSchema.shape),
  });
  const read = items.map((item) => filteredCallSchema.parse(item));
  for (const call of read) if (call.cleanedUpAtMs !== undefined) memory.calls.set(call.callId, call);
  const known = callIds.flatMap((callId) => memory.calls.get(callId) ?? []);
  return new Map([...known, ...read].map((call) => [call.callId, call]));
}
