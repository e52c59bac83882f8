/** The history of clients, in DynamoDB. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { historyRows } from "../../calls/history.ts";
import { endLeg } from "../../calls/ending.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { callKey } from "../../handlers/store/tables.ts";
import { ALICE, BOB, callFrom, callId, CAROL, NOW, storeCall } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let calls: ReturnType<typeof callStore>;

openForEach(openTables, (opened) => {
  tables = opened;
  calls = callStore(tables.env);
});

const rows = (n: number, nowMs: number, caller = ALICE) =>
  historyRows(endLeg(1)(callFrom(caller, BOB, { n, nowMs }), nowMs + 1_000).call, nowMs + 2_000);
const idsOf = async (page: Parameters<typeof calls.history>[1], { clientId } = BOB) =>
  (await calls.history(clientId, page)).map((row) => row.callId);

test("rows are read as they were written, newest first, and only the client's", async () => {
  for (const [n, nowMs] of [
    [1, NOW],
    [2, NOW + 60_000],
    [3, NOW + 30_000],
  ] as const)
    await calls.remember(rows(n, nowMs));
  await calls.remember(rows(4, NOW, CAROL));
  expect(await idsOf({ limit: 10 })).toEqual([2, 3, 4, 1].map(callId));
  expect(await idsOf({ limit: 10 }, ALICE)).toEqual([2, 3, 1].map(callId));
  expect(await calls.history(CAROL.clientId, { limit: 10 })).toEqual(rows(4, NOW, CAROL).slice(0, 1));
});

test("a page begins after the last row of the one before, even between calls of the same moment", async () => {
  for (const n of [1, 2, 3]) await calls.remember(rows(n, NOW));
  const [newest] = await calls.history(BOB.clientId, { limit: 1 });
  expect(newest?.callId).toBe(callId(3));
  expect(await idsOf({ limit: 1, after: newest })).toEqual([callId(2)]);
  expect(await idsOf({ limit: 10, after: newest })).toEqual([2, 1].map(callId));
  expect(await idsOf({ limit: 10, after: { createdAtMs: NOW, callId: callId(1) } })).toEqual([]);
});

test("writing the rows of a call again adds no rows", async () => {
  await calls.remember(rows(1, NOW));
  await calls.remember(rows(1, NOW));
  expect(await idsOf({ limit: 10 })).toEqual([callId(1)]);
});

test("rows and calls share one table, and neither is read as the other", async () => {
  await storeCall(tables, callFrom(ALICE, BOB));
  await calls.remember(rows(1, NOW));
  expect(await tables.stored("CALLS_TABLE", callKey(callId(1)))).toMatchObject({ status: "calling" });
  const { callIds } = await calls.overdue(NOW + 3_600_000, { shard: 1, limit: 10 });
  expect(callIds).toEqual([callId(1)]);
});
