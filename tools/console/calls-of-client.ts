/** The calls that a client had, from its rows of the history, and the one it is in. */
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { type Call, isLiving } from "../../calls/call.ts";
import { clientSchema } from "../../calls/client.ts";
import { type HistoryRow, historyRowSchema } from "../../calls/history.ts";
import { callIdSchema, type ClientId } from "../../calls/ids.ts";
import { clientPartition, historyKey, historyTime } from "../../handlers/store/tables.ts";
import { type CallsQuery, isWanted, PAGE } from "./calls-query.ts";
import { describeExecution, executionArnOf } from "./execution.ts";
import { pageToken, placeIn } from "./page-token.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";
import { rowOf, storedCall, storedCalls } from "./stored-calls.ts";
import type { CallRow, CallsView } from "./views.ts";

/** How many rows one page looks through for calls that a filter keeps. */
const MOST_LOOKED_AT = 500;

const placeSchema = z.object({ createdAtMs: z.number().int(), callId: callIdSchema });
type Place = z.output<typeof placeSchema>;
type ClientsQuery = CallsQuery & { readonly client: ClientId };

export async function callsOfClient(reading: Reading, query: ClientsQuery, most = PAGE): Promise<CallsView> {
  let place = placeIn(query.page, placeSchema);
  const current = place ? undefined : await currentCall(reading, query.client);
  const found: Call[] = current && isWanted(current, query) ? [current] : [];
  let isMore = true;
  for (let looked = 0; isMore && found.length < most && looked < MOST_LOOKED_AT; looked += PAGE) {
    const rows = await historyOf(reading, query, place);
    const calls = await storedCalls(
      reading,
      rows.map(({ callId }) => callId),
    );
    isMore = rows.length === PAGE;
    for (const { callId, createdAtMs } of rows) {
      const call = calls.get(callId);
      place = { callId, createdAtMs };
      if (!call || call.callId === current?.callId || !isWanted(call, query)) continue;
      found.push(call);
      if (found.length < most) continue;
      isMore = true;
      break;
    }
  }
  const calls = await sideBySide(found, (call) => rowWithExecution(reading, call));
  return { calls, ...(isMore && place && { nextPage: pageToken(place) }) };
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
  after: Place | undefined,
): Promise<HistoryRow[]> {
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
    Limit: PAGE,
    ...(after && { ExclusiveStartKey: historyKey(client, after) }),
  });
  const { Items = [] } = await documents.send(query);
  return Items.map((item) => historyRowSchema.parse(item));
}

async function rowWithExecution(reading: Reading, call: Call): Promise<CallRow> {
  return rowOf(reading, call, await executionStatus(reading, call.callId));
}

async function executionStatus(reading: Reading, callId: string): Promise<string | undefined> {
  const { memory, stack } = reading;
  const known = memory.ends.get(callId);
  if (known !== undefined) return known;
  const status = (await describeExecution(reading, executionArnOf(stack.callWorkflowArn, callId)))?.status;
  if (status !== undefined && status !== "RUNNING") memory.ends.set(callId, status);
  return status;
}
