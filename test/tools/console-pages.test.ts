/** Pages of the console's list of calls: each call appears once, and no page reads without end. */
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { readCalls } from "../../tools/console/calls.ts";
import type { CallsQuery } from "../../tools/console/calls-query.ts";
import type { Reading } from "../../tools/console/reading.ts";
import { remembered } from "../../tools/console/remembered.ts";
import { at, callId, completed, endedWhileRinging } from "../builders.ts";

/** Every third call was declined. The one with the highest number began last. */
const [DECLINED, COMPLETED] = [endedWhileRinging("declined"), completed()];
const callOf = (number: number): Call => ({
  ...(number % 3 === 0 ? DECLINED : COMPLETED),
  callId: callId(number),
  createdAtMs: at(number),
});

/** That many calls with one execution each, and the number of requests to AWS. */
function stackWith(amount: number, as = (call: Call): Call => call) {
  const calls = Array.from({ length: amount }, (_, index) => as(callOf(amount - index)));
  const byId = new Map<unknown, Call>(calls.map((call) => [call.callId, call]));
  const asked = { times: 0 };
  const send = async (command: unknown) => {
    asked.times += 1;
    if (command instanceof ListExecutionsCommand) {
      const { nextToken = "0", maxResults = 0 } = command.input;
      const end = Number(nextToken) + maxResults;
      const executions = calls.slice(Number(nextToken), end).map(({ callId: name, createdAtMs }) => ({
        name,
        status: "SUCCEEDED",
        startDate: new Date(createdAtMs),
      }));
      return { executions, ...(end < calls.length && { nextToken: String(end) }) };
    }
    if (!(command instanceof BatchGetCommand)) return { Items: [] };
    const Keys = command.input.RequestItems?.["calls"]?.Keys ?? [];
    if (Keys.length > 100) throw new Error("BatchGetItem takes 100 keys");
    return { Responses: { calls: Keys.flatMap(({ pk }) => byId.get(pk) ?? []) } };
  };
  const now = (): number => 0;
  const memory = { names: remembered({ most: 10, now }), calls: remembered({ most: 20_000, now }) };
  const stack = { tables: { calls: "calls", owners: "owners", people: "people" }, callWorkflowArn: "arn" };
  // The list of calls uses no other member of a reading.
  const reading = { sfn: { send }, documents: { send }, stack, memory } as unknown as Reading;
  return { reading, asked };
}

async function pages(reading: Reading, query: CallsQuery): Promise<string[][]> {
  const found: string[][] = [];
  let page: string | undefined;
  do {
    const view = await readCalls(reading, { ...query, page });
    found.push(view.calls.map((call) => call.callId));
    page = view.nextPage;
  } while (page !== undefined && found.length < 100);
  return found;
}
const ids = (from: number, to: number, keep = (_number: number): boolean => true): string[] =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index)
    .filter(keep)
    .map((number) => callId(number));

test("a page has fifty calls, the latest first, and all pages together have each call once", async () => {
  const found = await pages(stackWith(120).reading, {});
  expect(found).toEqual([ids(120, 71), ids(70, 21), ids(20, 1)]);
});

test("a filter fills its pages from as many executions as it needs", async () => {
  const found = await pages(stackWith(400).reading, { reason: "completed" });
  expect(found.map(({ length }) => length)).toEqual([50, 50, 50, 50, 50, 17]);
  expect(found.flat()).toEqual(ids(400, 1, (number) => number % 3 !== 0));
});

test("a filter without matches asks AWS nine times per page, and says how far it looked", async () => {
  const { reading, asked } = stackWith(1_500);
  const view = await readCalls(reading, { reason: "missed" });
  expect(view).toEqual({
    calls: [],
    lookedAt: 800,
    lookedBackToMs: at(701),
    nextPage: expect.any(String),
  });
  expect(asked.times).toBe(9);
  expect(await readCalls(reading, { reason: "missed", page: view.nextPage })).toEqual({
    calls: [],
    lookedAt: 700,
    lookedBackToMs: at(1),
  });
  expect(asked.times).toBeLessThanOrEqual(18);
});

test("with ten thousand calls each page of a filter needs under ten requests, and the last page has no next one", async () => {
  const { reading, asked } = stackWith(10_000);
  let page: string | undefined;
  let lookedAt = 0;
  do {
    const before = asked.times;
    const view = await readCalls(reading, { reason: "missed", page });
    expect(asked.times - before).toBeLessThan(10);
    lookedAt += view.lookedAt;
    page = view.nextPage;
  } while (page !== undefined);
  expect(lookedAt).toBe(10_000);
});

test("the first view of ten thousand calls asks AWS three times", async () => {
  const { reading, asked } = stackWith(10_000);
  await readCalls(reading, {});
  // The list, the calls and their owners. No owner has a name, so that no person is read.
  expect(asked.times).toBe(3);
});

test("a filter does not read closed calls again that it has seen", async () => {
  const { reading, asked } = stackWith(800, (call) => ({ ...call, cleanedUpAtMs: at(0) }));
  await readCalls(reading, { reason: "missed" });
  const before = asked.times;
  await readCalls(reading, { reason: "missed" });
  expect(asked.times - before).toBe(1);
});

test("a filter continues within a list that needed too many requests, so that no call is left out", async () => {
  const { reading } = stackWith(1_000);
  const found = await pages(reading, { reason: "declined" });
  expect(found.flat()).toEqual(ids(1_000, 1, (number) => number % 3 === 0));
});

test("no calls are read that began before the given time", async () => {
  const { reading, asked } = stackWith(1_500);
  const found = await pages(reading, { from: at(1_490), to: at(1_492) });
  expect(found).toEqual([ids(1_492, 1_490)]);
  expect(asked.times).toBe(4);
});
