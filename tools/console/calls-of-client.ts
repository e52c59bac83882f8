/** The calls that a client had, from its rows of the history, and the one it is in. */
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { type Call, isLiving } from "../../calls/call.ts";
import { clientSchema } from "../../calls/client.ts";
import { type HistoryRow, historyRowSchema } from "../../calls/history.ts";
import { callIdSchema, type ClientId } from "../../calls/ids.ts";
import { clientPartition, historyKey, historyTime } from "../../handlers/store/tables.ts";
import { BATCH } from "./batch-get.ts";
import { type CallsQuery, isFiltered, isWanted, PAGE } from "./calls-query.ts";
import { describeExecution, executionArnOf } from "./execution.ts";
import { pageToken, placeIn } from "./page-token.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";
import { rowsOf, storedCall, storedCalls } from "./stored-calls.ts";
import type { CallRow, CallsView } from "./views.ts";

/** Rows of the history that are read at once, with their calls; and how often for one page, so that 9 requests do. */
const ROWS = BATCH;
const MOST_ROUNDS = 4;

const placeSchema = z.object({ createdAtMs: z.number().int(), callId: callIdSchema });
type Place = z.output<typeof placeSchema>;
type ClientsQuery = CallsQuery & { readonly client: ClientId };

export async function callsOfClient(reading: Reading, query: ClientsQuery): Promise<CallsView> {
  const { rows, place, looked, lookedBackToMs } = await latestOfClient(reading, query, PAGE);
  return {
    calls: rows,
    lookedAt: looked,
    ...(place && { nextPage: pageToken(place) }),
    ...(lookedBackToMs !== undefined && { lookedBackToMs }),
  };
}

export interface CallsOfClient {
  readonly calls: readonly Call[];
  readonly rows: readonly CallRow[];
  readonly looked: number;
  readonly lookedBackToMs?: number;
  /** There is more behind it. */
  readonly place?: Place;
}

export async function latestOfClient(
  reading: Reading,
  query: ClientsQuery,
  most: number,
): Promise<CallsOfClient> {
  let place = placeIn(query.page, placeSchema);
  const current = place ? undefined : await currentCall(reading, query.client);
  const found: Call[] = current && isWanted(current, query) ? [current] : [];
  let isMore = true;
  let looked = 0;
  for (let round = 0; isMore && found.length < most && round < MOST_ROUNDS; round += 1) {
    const rows = await historyOf(reading, query, {
      place,
      Limit: Math.max(most, isFiltered(query) ? ROWS : 0),
    });
    const calls = await storedCalls(
      reading,
      rows.items.map(({ callId }) => callId),
    );
    isMore = rows.isMore;
    for (const { callId, createdAtMs } of rows.items) {
      const call = calls.get(callId);
      place = { callId, createdAtMs };
      looked += 1;
      if (!call || call.callId === current?.callId || !isWanted(call, query)) continue;
      found.push(call);
      if (found.length < most) continue;
      isMore = isMore || callId !== rows.items.at(-1)?.callId;
      break;
    }
  }
  const statuses = await executionStatuses(reading, found);
  return {
    calls: found,
    rows: await rowsOf(reading, found, ({ callId }) => statuses.get(callId)),
    looked,
    ...(place && { lookedBackToMs: place.createdAtMs }),
    ...(isMore && place && { place }),
  };
}

/** The pointer counts only while the call that it names is living. */
async function currentCall(reading: Reading, clientId: ClientId): Promise<Call | undefined> {
  const { documents, stack, now } = reading;
  const { Item } = await documents.send(
    new GetCommand({ TableName: stack.tables.clients, Key: { clientId } }),
  );
  const activeCallId = Item && clientSchema.parse(Item).activeCallId;
  const call = activeCallId && (await storedCall(reading, activeCallId));
  return call && isLiving(call, now()) ? call : undefined;
}

const LAST_MS = 9_999_999_999_999;

async function historyOf(
  { documents, stack }: Reading,
  { client, from = 0, to = LAST_MS }: ClientsQuery,
  { place, Limit }: { readonly place: Place | undefined; readonly Limit: number },
): Promise<{ readonly items: HistoryRow[]; readonly isMore: boolean }> {
  const query = new QueryCommand({
    TableName: stack.tables.calls,
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :earliest AND :latest",
    // `$` sorts behind the `#` between time and call id.
    ExpressionAttributeValues: {
      ":pk": clientPartition(client),
      ":earliest": historyTime(from),
      ":latest": `${historyTime(Math.min(to, LAST_MS))}$`,
    },
    ScanIndexForward: false,
    Limit,
    ...(place && { ExclusiveStartKey: historyKey(client, place) }),
  });
  const { Items = [], LastEvaluatedKey } = await documents.send(query);
  return { items: Items.map((item) => historyRowSchema.parse(item)), isMore: LastEvaluatedKey !== undefined };
}

/** Of calls that still hold something: what is cleaned up came to its end. */
async function executionStatuses(reading: Reading, calls: readonly Call[]): Promise<Map<string, string>> {
  const open = calls.filter(({ cleanedUpAtMs }) => cleanedUpAtMs === undefined);
  const arnOf = (callId: string): string => executionArnOf(reading.stack.callWorkflowArn, callId);
  const found = await sideBySide(open, async ({ callId }) => {
    const status = (await describeExecution(reading, arnOf(callId)))?.status;
    return status === undefined ? [] : [[callId, status] as const];
  });
  return new Map(found.flat());
}
