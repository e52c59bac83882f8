/** Calls in DynamoDB: which write is first, and what a write leaves alone. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Call } from "../../calls/call.ts";
import type { CallId } from "../../calls/ids.ts";
import { ring } from "../../calls/answering.ts";
import { closeCall } from "../../calls/closing.ts";
import { endLeg } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { callKey } from "../../handlers/store/tables.ts";
import { ALICE, BOB, callFrom, callId, NOW, storeCall } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";
import { waitAsWorkflow } from "./workflow-wait.ts";

let tables: Tables;
let calls: ReturnType<typeof callStore>;

openForEach(openTables, (opened) => {
  tables = opened;
  calls = callStore(tables.env);
});

const CALLER = 1;
const CALLEE = 2;
const call = callFrom(ALICE, BOB);
const { callId: id } = call;
/** From all shards, one after the other. */
async function overdue(nowMs: number): Promise<CallId[]> {
  const pages = [0, 1, 2, 3].map((shard) => calls.overdue(nowMs, { shard, limit: 10 }));
  return (await Promise.all(pages)).flatMap(({ callIds }) => callIds);
}
const stored = () => tables.stored("CALLS_TABLE", callKey(id));

function after(before: Call, rule: Rule, nowMs = NOW + 1_000): Call {
  const decision = rule(before, nowMs);
  if (decision.kind !== "changed") throw new Error(`expected a change, got ${decision.kind}`);
  return decision.call;
}

describe("reading", () => {
  test("a call is read as it was stored", async () => {
    await storeCall(tables, call);
    expect(await calls.read(id)).toEqual(call);
  });

  test("a call that does not exist is read as undefined", async () => {
    expect(await calls.read(id)).toBeUndefined();
  });
});

describe("replacing", () => {
  test("the next state of a call is read after the write", async () => {
    await storeCall(tables, call);
    const ringing = after(call, ring(CALLEE, undefined));
    expect(await calls.replace(call, ringing)).toEqual({ written: true });
    expect(await calls.read(id)).toEqual(ringing);
  });

  test("the loser of two changes writes nothing and gets the call as the winner left it", async () => {
    await storeCall(tables, call);
    const ringing = after(call, ring(CALLEE, undefined));
    const cancelled = after(call, endLeg(CALLER));
    await calls.replace(call, ringing);
    expect(await calls.replace(call, cancelled)).toEqual({ written: false, current: ringing });
    expect(await calls.read(id)).toEqual(ringing);
  });

  test("exactly one of two simultaneous changes is written", async () => {
    await storeCall(tables, call);
    const rivals = [
      after(call, ring(CALLEE, undefined)),
      after(call, endLeg(CALLER)),
      after(call, endLeg(CALLEE)),
    ];
    const outcomes = await Promise.all(rivals.map((next) => calls.replace(call, next)));
    const winners = rivals.filter((_, index) => outcomes[index]?.written);
    expect(winners).toEqual([await calls.read(id)]);
  });

  test("a deleted call is not written again", async () => {
    const ringing = after(call, ring(CALLEE, undefined));
    expect(await calls.replace(call, ringing)).toEqual({ written: false, current: undefined });
    expect(await stored()).toBeUndefined();
  });

  test("a change keeps what a wait wrote after the call was read", async () => {
    await storeCall(tables, call);
    await waitAsWorkflow(tables, { callId: id, turn: 0, taskToken: "token-of-the-wait" });
    const ringing = after(call, ring(CALLEE, undefined));
    expect(await calls.replace(call, ringing)).toEqual({ written: true });
    expect(await calls.read(id)).toEqual({
      ...ringing,
      taskToken: "token-of-the-wait",
      waitTurn: 0,
      waitsFor: "answer",
      sweepAtMs: call.deadlineMs,
    });
  });

  test("attributes that the next state lacks are removed, and the call leaves the sweep's index", async () => {
    const ended = { ...after(call, endLeg(CALLER)), taskToken: "token-of-the-wait" };
    await storeCall(tables, ended);
    expect(await overdue(NOW + 3_600_000)).toEqual([id]);
    const closed = after(ended, closeCall(90));
    await calls.replace(ended, closed);
    expect(await stored()).toEqual({ ...callKey(id), ...closed });
    expect(await overdue(NOW + 3_600_000)).toEqual([]);
  });
});

describe("finding overdue calls", () => {
  const due = (n: number, sweepAtMs: number): Call => ({ ...callFrom(ALICE, BOB, { n }), sweepAtMs });

  test("a call is overdue from its sweep time on", async () => {
    await storeCall(tables, due(1, NOW));
    await storeCall(tables, due(2, NOW + 1));
    expect(await overdue(NOW)).toEqual([callId(1)]);
  });

  test("each shard has its own calls, the oldest first", async () => {
    for (const [n, sweepAtMs] of [
      [1, NOW - 1],
      [2, NOW - 3],
      [6, NOW - 4],
      [5, NOW - 2],
    ] as const) {
      await storeCall(tables, due(n, sweepAtMs));
    }
    expect(await overdue(NOW)).toEqual([5, 1, 6, 2].map(callId));
  });

  test("a page contains the oldest calls, and the next page continues even if those have changed", async () => {
    for (const n of [4, 8, 12]) await storeCall(tables, due(n, NOW - n));
    const first = await calls.overdue(NOW, { shard: 0, limit: 2 });
    expect(first.callIds).toEqual([12, 8].map(callId));
    for (const n of [12, 8]) await storeCall(tables, due(n, NOW + 1));
    const second = await calls.overdue(NOW, { shard: 0, limit: 2, after: first.after });
    expect(second).toEqual({ callIds: [callId(4)], after: undefined });
  });

  test("a wait puts the sweep off until the call's deadline", async () => {
    await storeCall(tables, call);
    await waitAsWorkflow(tables, { callId: id, turn: 0, taskToken: "token" });
    expect(await overdue(call.deadlineMs - 1)).toEqual([]);
    expect(await overdue(call.deadlineMs)).toEqual([id]);
  });
});

describe("the workflow's wait", () => {
  test("a later wait overwrites the token of an earlier one", async () => {
    await storeCall(tables, { ...call, turn: 3 });
    await waitAsWorkflow(tables, { callId: id, turn: 3, taskToken: "first" });
    await waitAsWorkflow(tables, { callId: id, turn: 3, taskToken: "second" });
    expect(await calls.read(id)).toEqual({
      ...call,
      turn: 3,
      taskToken: "second",
      waitTurn: 3,
      waitsFor: "answer",
      sweepAtMs: call.deadlineMs,
    });
  });

  test("a call that has moved on refuses the wait", async () => {
    const moved = { ...call, turn: 1, taskToken: "of an older wait", waitTurn: 0 };
    await storeCall(tables, moved);
    const wait = waitAsWorkflow(tables, { callId: id, turn: 0, taskToken: "late" });
    await expect(wait).rejects.toThrow(ConditionalCheckFailedException);
    expect(await calls.read(id)).toEqual(moved);
  });

  test("a wait does not create a call that does not exist", async () => {
    const wait = waitAsWorkflow(tables, { callId: id, turn: 0, taskToken: "token" });
    await expect(wait).rejects.toThrow(ConditionalCheckFailedException);
    expect(await stored()).toBeUndefined();
  });
});
